import { jobsNamedIn, jobsOf, podEnd } from '@konductor/operator';
import { expect, it } from 'vitest';
import { buildPod, terminated } from './workers.ts';

it.each(['Pending', 'Running', 'Unknown'])('takes a pod in phase %s for one that can still work', (phase) => {
  expect(podEnd(buildPod({ phase }))).toBeUndefined();
});

it('takes a pod without a status, and one that terminates, for one that can still work', () => {
  expect(podEnd({ metadata: buildPod().metadata })).toBeUndefined();
  const terminating = { deletionTimestamp: '2026-01-02T03:04:05Z', name: 'pod' };
  expect(podEnd(buildPod({ phase: 'Running' }, terminating))).toBeUndefined();
});

it.each([
  ['a pod that is gone', undefined, 'PodDeleted', 'was deleted'],
  ['success', { phase: 'Succeeded' }, 'PodSucceeded', 'succeeded'],
  ['an eviction', { phase: 'Failed', reason: 'Evicted' }, 'Evicted', 'failed (Evicted)'],
  ['a node that is gone', { phase: 'Failed', reason: 'NodeLost' }, 'NodeLost', 'failed (NodeLost)'],
  [
    'a container out of memory',
    { phase: 'Failed', containerStatuses: [terminated('Completed', 0), terminated('OOMKilled', 137)] },
    ...['OOMKilled', 'failed (OOMKilled)'],
  ],
  [
    'an init container out of memory',
    { phase: 'Failed', initContainerStatuses: [terminated('OOMKilled', 137)] },
    ...['OOMKilled', 'failed (OOMKilled)'],
  ],
  [
    'a disruption',
    {
      phase: 'Failed',
      conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }],
      containerStatuses: [terminated('Error', 143)],
    },
    ...['PreemptionByScheduler', 'failed (PreemptionByScheduler)'],
  ],
  [
    'an exit code',
    { phase: 'Failed', containerStatuses: [terminated('Completed', 0), terminated('Error', 3)] },
    ...['PodFailed', 'failed (exit code 3)'],
  ],
  ['no detail', { phase: 'Failed' }, 'PodFailed', 'failed'],
  ['a reason that is no word', { phase: 'Failed', reason: 'out of space' }, 'PodFailed', 'failed'],
  ['a reason that is too long', { phase: 'Failed', reason: 'x'.repeat(129) }, 'PodFailed', 'failed'],
] as const)('names the end of a pod by %s', (_, status, reason, how) => {
  expect(podEnd(status && buildPod(status as never))).toEqual({ reason, how });
});

it('finds the Job that controls a pod, and no other owner', () => {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'batch', uid: 'job-1', controller: true };
  const others = [
    { ...owner, controller: false },
    { ...owner, kind: 'ReplicaSet' },
    { ...owner, apiVersion: 'batch.volcano.sh/v1alpha1' },
  ];
  expect(jobsOf(buildPod({}, { ownerReferences: [...others, owner] }))).toEqual([{ name: 'batch', uid: 'job-1' }]);
  expect(jobsOf(buildPod({}, { ownerReferences: others }))).toEqual([]);
  expect(jobsOf(buildPod())).toEqual([]);
});

it.each([
  ['batch-x7k2p', [{ name: 'batch' }]],
  ['batch-3-x7k2p', [{ name: 'batch-3' }, { name: 'batch', isIndexed: true }]],
  ['web-7d9c5b8f4d-x7k2p', [{ name: 'web-7d9c5b8f4d' }]],
  ['web-0', []],
  ['laptop', []],
  ['batch-x7k2', []],
])('names the Jobs that can have created the pod %s', (name, jobs) => {
  expect(jobsNamedIn(name)).toEqual(jobs);
});
