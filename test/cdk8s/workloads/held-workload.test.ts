// Workloads that the operator holds back by a label: what is rendered, and what is rejected.
import { type WaiterOptions, WaitGroup, type WaitGroupProps, type Workload } from '@konductor/cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';
import { kindOf, templateOf, type WorkloadName, workloadNames, workloads } from '../workloads.ts';

const JOBS: WorkloadName[] = ['Job', 'CronJob', 'KubeJob'];
const metadata = { name: 'batch' };
const labels = { 'konductor.io/after': 'batch' };
const gate = { name: 'konductor.io/after' };
const group = (scope: Construct, props: WaitGroupProps = {}) => new WaitGroup(scope, 'Group', { metadata, ...props });

type Build = (scope: Construct) => Workload;

const hold = (build: Build, options: WaiterOptions, props?: WaitGroupProps) =>
  synth((scope) => {
    // The WaitGroup comes last: whether it has a ttl is known at synthesis.
    const workload = build(scope);
    group(scope, props).waitFor(workload, options);
  });
const jobOf = (name: WorkloadName, manifests: Manifest[]) => {
  const object = pick(manifests, kindOf(name), 'work');
  return name === 'CronJob' ? object.spec.jobTemplate : object;
};
const podOf = (name: WorkloadName, manifests: Manifest[]) => templateOf(pick(manifests, kindOf(name), 'work'));

const isJob = (name: WorkloadName) => JOBS.includes(name);
const WAYS = ['suspend', 'gate', 'label'] as const;
const modes = workloadNames.flatMap((name) =>
  WAYS.flatMap((by) => (by !== 'suspend' || isJob(name) ? [{ by, name }] : [])),
);
const holdsJob = (by: (typeof WAYS)[number], name: WorkloadName) => by !== 'gate' && isJob(name);
/** The Job or the pod, which has the label. */
const heldOf = (by: (typeof WAYS)[number], name: WorkloadName, manifests: Manifest[]) =>
  (holdsJob(by, name) ? jobOf : podOf)(name, manifests);
const HOLDS = { suspend: { suspend: true }, gate: { schedulingGates: [gate] }, label: {} };

describe.each(modes)('waitFor a $name by $by', ({ by, name }) => {
  it('labels and holds it, and leaves everything else as it was', () => {
    const plain = heldOf(by, name, synth(workloads[name]));
    expect(heldOf(by, name, hold(workloads[name], { by }))).toEqual({
      ...plain,
      metadata: { ...plain.metadata, labels: { ...plain.metadata?.labels, ...labels } },
      spec: { ...plain.spec, ...HOLDS[by] },
    });
  });

  it('labels nothing around it', () => {
    expect(JSON.stringify(hold(workloads[name], { by })).match(/"konductor.io\/after":/g)).toHaveLength(1);
  });

  it('needs no account and no permissions, and is applied after its WaitGroup', () => {
    const objects = synth(workloads[name]).map(({ kind }) => kind);
    const manifests = hold(workloads[name], { by });
    expect(manifests.map(({ kind }) => kind).sort()).toEqual(['WaitGroup', ...objects].sort());
    expect(manifests.at(-1)?.kind).toBe(kindOf(name));
  });

  it.each<[WaiterOptions, object | undefined]>([
    [{ minAdded: 1 }, undefined],
    [{ onFailure: 'hold', onMissing: 'hold' }, undefined],
    [{ minAdded: 3 }, { 'konductor.io/min-added': '3' }],
    [{ minAdded: 0 }, { 'konductor.io/min-added': '0' }],
    [{ onFailure: 'release' }, { 'konductor.io/on-failure': 'release' }],
    [{ onMissing: 'release' }, { 'konductor.io/on-missing': 'release' }],
  ])('turns %j into the annotations %j', (options, annotations) => {
    const { metadata } = heldOf(by, name, hold(workloads[name], { by, ...options }));
    expect(metadata.annotations).toEqual(annotations);
  });

  it('lets go after a WaitGroup with a ttl was deleted if it can start that late, unless told otherwise', () => {
    const startsOnce = holdsJob(by, name) ? name !== 'CronJob' : name === 'Pod';
    const missingOf = (options: WaiterOptions, props: WaitGroupProps) =>
      heldOf(by, name, hold(workloads[name], { by, ...options }, props)).metadata.annotations;
    const release = { 'konductor.io/on-missing': 'release' };
    expect(missingOf({}, { ttl: '1h' })).toEqual(startsOnce ? undefined : release);
    expect(missingOf({ onMissing: 'hold', unchecked: true }, { ttl: '1h' })).toBeUndefined();
  });
});

it('waitFor by label knows the ttl of a WaitGroup that another construct creates later', () => {
  const manifests = synth((scope) => {
    WaitGroup.fromName(scope, 'Reference', 'batch').waitFor(workloads.Deployment(scope), { by: 'gate' });
    group(scope, { ttl: '1h' });
  });
  expect(podOf('Deployment', manifests).metadata.annotations).toEqual({ 'konductor.io/on-missing': 'release' });
});

it('waitFor by gate keeps other gates, and by suspend leaves a CronJob running', () => {
  const other = { name: 'example.com/other' };
  const build = (scope: Construct) =>
    new k8s.KubePod(scope, 'Pod', {
      metadata: { name: 'work' },
      spec: { containers: [], schedulingGates: [gate, other] },
    });
  expect(pick(hold(build, { by: 'gate' }), 'Pod').spec.schedulingGates).toEqual([other, gate]);
  expect(pick(hold(workloads.CronJob, { by: 'suspend' }), 'CronJob').spec.suspend).not.toBe(true);
});

it('waitFor by suspend leaves suspending to Kueue in a Job that has a queue', () => {
  const build = (scope: Construct) => {
    const job = workloads.KubeJob(scope);
    job.metadata.addLabel('kueue.x-k8s.io/queue-name', 'main');
    job.metadata.addAnnotation('kueue.x-k8s.io/admission-gated-by', 'konductor.io/after,example.com/other');
    return job;
  };
  const { metadata, spec } = pick(hold(build, { by: 'suspend' }), 'Job');
  expect(metadata.labels).toMatchObject(labels);
  expect(metadata.annotations).toEqual({
    'kueue.x-k8s.io/admission-gated-by': 'example.com/other,konductor.io/after',
  });
  expect(spec).not.toHaveProperty('suspend');
});

it('waitFor accepts three ways to wait for three WaitGroups in one Job', () => {
  const manifests = synth((scope) => {
    const job = workloads.Job(scope);
    const [one, two, three] = ['one', 'two', 'three'].map((name) => WaitGroup.fromName(scope, name, name));
    one?.waitFor(job, { by: 'suspend' });
    two?.waitFor(job, { by: 'gate' });
    three?.waitFor(job);
  });
  const job = pick(manifests, 'Job');
  expect(job.metadata.labels).toEqual({ 'konductor.io/after': 'one' });
  expect(templateOf(job).metadata.labels).toMatchObject({ 'konductor.io/after': 'two' });
  expect(templateOf(job).spec.initContainers).toHaveLength(1);
});

const onNode = (scope: Construct) =>
  new k8s.KubePod(scope, 'Pod', { metadata: { name: 'work' }, spec: { containers: [], nodeName: 'one' } });
const ONLY_BY_INIT = 'remove it, or wait by "initContainer"';
const ONLY_BY_LABEL = 'remove it, or wait by "suspend", "gate" or "label"';

it.each<[Build, WaiterOptions, string]>([
  [workloads.Deployment, { by: 'suspend' }, 'is not a Job, and only Jobs can be suspended; wait by "gate" or '],
  [workloads.Pod, { by: 'suspend' }, 'is not a Job, and only Jobs can be suspended; wait by "gate" or "initContainer"'],
  [onNode, { by: 'gate' }, 'has nodeName "one", and the API server rejects it with a gate; use a nodeSelector'],
  [onNode, { by: 'label' }, 'has nodeName "one", and the API server rejects it with a gate; use a nodeSelector'],
  [workloads.Job, { by: 'gate', timeout: '1m' }, `timeout has no effect by "gate"; ${ONLY_BY_INIT}`],
  [workloads.Job, { by: 'suspend', timeout: '1m' }, `timeout has no effect by "suspend"; ${ONLY_BY_INIT}`],
  [workloads.Job, { by: 'gate', koncliImage: 'k' }, `koncliImage has no effect by "gate"; ${ONLY_BY_INIT}`],
  [workloads.Job, { by: 'gate', imagePullSecrets: [] }, `imagePullSecrets has no effect by "gate"; ${ONLY_BY_INIT}`],
  [workloads.Job, { by: 'gate', ignoreFailure: true }, `ignoreFailure has no effect by "gate"; ${ONLY_BY_INIT}`],
  [workloads.Job, { onFailure: 'hold' }, `onFailure has no effect by "initContainer"; ${ONLY_BY_LABEL}`],
  [workloads.Job, { onMissing: 'release' }, `onMissing has no effect by "initContainer"; ${ONLY_BY_LABEL}`],
  [workloads.Job, { by: 'gate', minAdded: -1 }, 'minAdded is -1; it must be an integer from 0 to 2147483647'],
])('waitFor rejects %o with %j', (build, options, sentence) => {
  expect(() => hold(build, options)).toThrow(new RegExp(`^\\w+ work \\(.*\\): ${sentence}`));
});

const LABEL = 'a label names only one; wait for the other one by "initContainer"';

it.each<[string, (group: WaitGroup, job: Workload, other: WaitGroup) => void, string]>([
  [
    'waits twice',
    (batch, job) => [batch.waitFor(job), batch.waitFor(job, { by: 'gate' })],
    'is already a waiter of WaitGroup batch; add it only once',
  ],
  [
    'is suspended for two WaitGroups',
    (batch, job, other) => [batch.waitFor(job, { by: 'suspend' }), other.waitFor(job, { by: 'suspend' })],
    `is already a waiter of WaitGroup batch, and ${LABEL}`,
  ],
  [
    'is held for two WaitGroups by label and suspend',
    (batch, job, other) => [batch.waitFor(job, { by: 'label' }), other.waitFor(job, { by: 'suspend' })],
    `is already a waiter of WaitGroup batch, and ${LABEL}`,
  ],
  [
    'is gated for two WaitGroups',
    (batch, job, other) => [batch.waitFor(job, { by: 'gate' }), other.waitFor(job, { by: 'gate' })],
    `is already a waiter of WaitGroup batch, and ${LABEL}`,
  ],
  [
    'works and is gated',
    (batch, job) => [batch.addWorkers(job), batch.waitFor(job, { by: 'gate' })],
    'would work for WaitGroup batch and wait for it; use either addWorkers or waitFor',
  ],
])('waitFor by label rejects a Job that %s', (_, act, sentence) => {
  const build = (scope: Construct) =>
    act(group(scope), workloads.Job(scope), new WaitGroup(scope, 'Other', { metadata: { name: 'other' } }));
  expect(() => synth(build)).toThrow(`Job work (test/Workload/Resource): ${sentence}`);
});
