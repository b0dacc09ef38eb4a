import { isRetirable } from '@konductor/operator';
import type { WaitGroupWorkerSpec } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, NOW } from '../../schema/wait-groups.ts';
import { buildWorker } from '../pods/workers.ts';

const done = { state: 'Done', done: 1 } as const;
/** Of work that another process added. */
const borrowed = { state: 'Done', added: 0, borrowed: 1 } as const;
const ofPod = (name: string) => ({ worker: name, pod: { name, uid: 'pod-1' } });
const ofJob = { pod: undefined, job: { name: 'nightly', uid: 'job-1' } };
const withoutPod = { ...done, pod: undefined };
const DAY_S = 86_400;

interface Case {
  readonly spec: Partial<WaitGroupWorkerSpec> | typeof withoutPod | typeof ofJob;
  readonly completions?: number;
  readonly pods?: readonly string[];
  readonly jobs?: readonly string[];
  readonly ageS?: number;
}

function judge({ spec, completions = 0, pods = [], jobs = [], ageS = 0 }: Case): boolean {
  const waitGroup = buildWaitGroup({ status: buildStatus({ completions }) });
  const record = { ...buildWorker(spec as Partial<WaitGroupWorkerSpec>), changedAt: NOW.getTime() / 1_000 - ageS };
  return isRetirable(record, { waitGroup, pods: new Set(pods), jobs: new Set(jobs), now: NOW });
}

it.each<[string, boolean, Case]>([
  ['is Active, although its pod is gone', false, { spec: {}, completions: 1, ageS: 2 * DAY_S }],
  ['is finished and its pod is gone', true, { spec: done }],
  ['is finished and its pod exists', false, { spec: done, completions: 1, pods: ['pod-1'], ageS: 2 * DAY_S }],
  ['failed and its pod is gone', true, { spec: { ...done, state: 'Failed' } }],
  ['was lost and its pod is gone', true, { spec: { ...done, state: 'Lost' } }],
  ['finished work of others, in a round that may repeat it', false, { spec: borrowed }],
  ['finished work of others, in an earlier round', true, { spec: borrowed, completions: 1 }],
  ['finished work of others under the name of its pod', true, { spec: { ...borrowed, ...ofPod('worker-x7k2p') } }],
  ['is finished and its Job is gone', true, { spec: { ...done, ...ofJob } }],
  [
    'is finished and its Job exists',
    false,
    { spec: { ...done, ...ofJob }, completions: 1, jobs: ['job-1'], ageS: 2 * DAY_S },
  ],
  ['is Active, although its Job is gone', false, { spec: ofJob, completions: 1 }],
  [
    'is of a Job that is gone, and finished work of others in a round that may repeat it',
    false,
    { spec: { ...borrowed, ...ofJob } },
  ],
  [
    'is of a Job that is gone, and finished work of others in an earlier round',
    true,
    { spec: { ...borrowed, ...ofJob }, completions: 1 },
  ],
  ['has no pod, a day after its round', true, { spec: withoutPod, completions: 1, ageS: DAY_S + 1 }],
  ['has no pod, less than a day after its round', false, { spec: withoutPod, completions: 1, ageS: DAY_S }],
  ['has no pod, a day later in its round', false, { spec: withoutPod, ageS: 2 * DAY_S }],
])('a record that %s: %s', (_what, expected, given) => {
  expect(judge(given)).toBe(expected);
});
