// Jobs that the operator counts by a label: what is rendered, and what is rejected.
import { type CountOptions, WaitGroup, type WaitGroupProps, type Workload } from '@konductor/cdk8s';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { pick, synth } from '../synth.ts';
import { kindOf, type WorkloadName, workloadNames, workloads } from '../workloads.ts';

const JOBS: WorkloadName[] = ['Job', 'CronJob', 'KubeJob'];
const metadata = { name: 'batch' };
const labels = { 'konductor.io/counts-for': 'batch' };
const group = (scope: Construct, props: WaitGroupProps = {}) => new WaitGroup(scope, 'Group', { metadata, ...props });

const count = (name: WorkloadName, options?: CountOptions, props?: WaitGroupProps) =>
  synth((scope) => {
    // The WaitGroup comes last, so that the order of the rendered objects is not that of the constructs.
    const workload = workloads[name](scope);
    group(scope, props).count(workload, options);
  });
const jobOf = (name: WorkloadName, manifests: ReturnType<typeof count>) => {
  const object = pick(manifests, kindOf(name), 'work');
  return name === 'CronJob' ? object.spec.jobTemplate : object;
};

describe.each(JOBS)('count of a %s', (name) => {
  it('adds one label, and leaves everything else as it was', () => {
    const job = jobOf(name, count(name));
    const plain = jobOf(name, synth(workloads[name]));
    expect(job).toEqual({ ...plain, metadata: { ...plain.metadata, labels } });
  });

  it('needs no account and no permissions, and is applied after its WaitGroup', () => {
    const objects = synth(workloads[name]).map(({ kind }) => kind);
    expect(count(name).map(({ kind }) => kind)).toEqual(['WaitGroup', ...objects]);
  });

  it.each<[CountOptions, WaitGroupProps, string | undefined]>([
    [{}, {}, undefined],
    [{}, { initialCount: 1 }, 'false'],
    [{ add: false }, {}, 'false'],
    [{ add: true }, { initialCount: 1 }, undefined],
  ])('given %j and %j, has the annotation konductor.io/add: %s', (options, props, value) => {
    const job = jobOf(name, count(name, { ...options, unchecked: true }, props));
    expect(job.metadata.annotations?.['konductor.io/add']).toBe(value);
  });
});

it.each(workloadNames.filter((name) => !JOBS.includes(name)))('count rejects a %s', (name) => {
  expect(() => count(name)).toThrow(
    / work \(.*\): is not a Job, and only Jobs are counted by a label; use addWorkers$/,
  );
});

it('count keeps the labels and annotations of a Job', () => {
  const [, job] = synth((scope) => {
    const workload = workloads.KubeJob(scope);
    workload.metadata.addLabel('app', 'work');
    workload.metadata.addAnnotation('owner', 'me');
    group(scope, { initialCount: 1 }).count(workload);
  });
  expect(job.metadata).toMatchObject({
    labels: { app: 'work', ...labels },
    annotations: { owner: 'me', 'konductor.io/add': 'false' },
  });
});

const TWICE = 'would be counted twice by WaitGroup batch, as a Job and by its pods; use either addWorkers or count';
const BOTH = 'would count for WaitGroup batch and wait for it; use either count or waitFor';

it.each<[string, (group: WaitGroup, job: Workload, other: WaitGroup) => void, string]>([
  ['is counted and has workers', (batch, job) => [batch.count(job), batch.addWorkers(job)], TWICE],
  ['has workers and is counted', (batch, job) => [batch.addWorkers(job), batch.count(job)], TWICE],
  ['is counted and waits', (batch, job) => [batch.count(job), batch.waitFor(job)], BOTH],
  ['waits and is counted', (batch, job) => [batch.waitFor(job), batch.count(job)], BOTH],
  ['is counted and suspended', (batch, job) => [batch.count(job), batch.waitFor(job, { by: 'suspend' })], BOTH],
  ['is counted and gated', (batch, job) => [batch.count(job), batch.waitFor(job, { by: 'gate' })], BOTH],
  [
    'is counted twice',
    (batch, job) => [batch.count(job), batch.count(job)],
    'is already counted by WaitGroup batch; add it only once',
  ],
  [
    'is counted by another WaitGroup',
    (batch, job, other) => [batch.count(job), other.count(job)],
    'is already counted by WaitGroup batch, and a label names only one; use two Jobs',
  ],
])('count rejects a Job that %s', (_, act, sentence) => {
  const build = (scope: Construct) =>
    act(group(scope), workloads.Job(scope), new WaitGroup(scope, 'Other', { metadata: { name: 'other' } }));
  expect(() => synth(build)).toThrow(`Job work (test/Workload/Resource): ${sentence}`);
});

it('count accepts a Job whose pods work for another WaitGroup', () => {
  const build = (scope: Construct) => {
    const job = workloads.Job(scope);
    group(scope).count(job);
    new WaitGroup(scope, 'Other', { metadata: { name: 'other' } }).addWorkers(job);
  };
  expect(() => synth(build)).not.toThrow();
});
