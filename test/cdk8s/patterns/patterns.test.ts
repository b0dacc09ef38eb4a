import { BatchJob, DynamicWorkers, Pipeline } from '@konductor/cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const image = 'busybox:1.37';
const batch = {
  ...{ name: 'batch-jobs', coordinator: 'coordinator', ttl: '1h', workers: 10 },
  ...{ work: 'start-worker "$i"', timeout: '30m', image },
};
const dynamic = { name: 'workers', worker: 'worker', replicas: 5, work: 'do-work', image };
const stage = { name: 'batch-process', workers: 3, work: 'load' };
const stages = [{ name: 'pipeline-stage', workers: 'count-files', work: 'extract' }, stage];
const pipeline = { stages, timeout: '30m', image };

/** Each pattern with other props than the usual ones. */
const patterns = {
  BatchJob: (scope: Construct, props: object = {}) => new BatchJob(scope, 'It', { ...batch, ...props }),
  DynamicWorkers: (scope: Construct, props: object = {}) => new DynamicWorkers(scope, 'It', { ...dynamic, ...props }),
  Pipeline: (scope: Construct, props: object = {}) => new Pipeline(scope, 'It', { ...pipeline, ...props }),
};

const podsOf = (manifests: Manifest[]) => manifests.flatMap(({ spec }) => spec?.template?.spec ?? []);
const koncliLines = (workload: Manifest): string[] => {
  const script: string = workload.spec.template.spec.containers[0].command[2];
  return script.split('\n').flatMap((line) => /^ *(koncli [^|]*)/.exec(line)?.[1]?.trim() ?? []);
};
const subjectsOf = (binding: Manifest) => binding.subjects.map(({ name }: { name: string }) => name);

describe('BatchJob', () => {
  const manifests = synth(patterns.BatchJob);
  const job = pick(manifests, 'Job');

  it('runs the commands of the API page on its WaitGroup', () => {
    expect(pick(manifests, 'WaitGroup')).toMatchObject({ metadata: { name: 'batch-jobs' }, spec: { ttl: '1h' } });
    expect(job.metadata.name).toBe('coordinator');
    expect(koncliLines(job)).toEqual([
      'koncli waitgroup add batch-jobs --delta 10',
      'koncli waitgroup done batch-jobs',
      'koncli waitgroup wait batch-jobs --timeout 30m',
    ]);
  });

  it('is not retried, because a second run would add again', () => {
    expect(job.spec).toMatchObject({ backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } });
  });

  it('allows the coordinator to count for its workers, and other workers to count for themselves', () => {
    expect(job.spec.template.spec.serviceAccountName).toBe('batch-jobs-coordinator');
    for (const name of ['batch-jobs-coordinator', 'batch-jobs-worker'])
      expect(subjectsOf(pick(manifests, 'RoleBinding', name))).toEqual([name]);
  });
});

describe('DynamicWorkers', () => {
  const manifests = synth(patterns.DynamicWorkers);
  const deployment = pick(manifests, 'Deployment');

  it('runs the commands of the API page in each of its pods', () => {
    expect(deployment).toMatchObject({ metadata: { name: 'worker' }, spec: { replicas: 5 } });
    expect(koncliLines(deployment)).toEqual([
      'koncli waitgroup add workers --delta 1',
      'koncli waitgroup done workers',
    ]);
  });

  it('selects its pods by app only, wherever the construct is, and labels them as workers', () => {
    const moved = synth((scope) => patterns.DynamicWorkers(new Construct(scope, 'Elsewhere')));
    expect(deployment.spec.selector).toEqual({ matchLabels: { app: 'worker' } });
    expect(deployment.spec.template.metadata.labels).toEqual({ app: 'worker', 'konductor.io/waitgroup': 'workers' });
    expect(moved).toEqual(manifests);
  });

  it.each([
    [5, {}, '5'],
    [5, { minAdded: 2 }, '2'],
    [0, {}, '1'],
  ])('of %d replicas, given %j, lets a waiter wait until %s have been added', (replicas, options, minAdded) => {
    const waiter = synth((scope) => {
      const job = new k8s.KubeJob(scope, 'Waiter', {
        metadata: { name: 'waiter' },
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } },
      });
      patterns.DynamicWorkers(scope, { replicas }).waitGroup.waitFor(job, options);
    });
    const [container] = pick(waiter, 'Job').spec.template.spec.initContainers;
    expect(container.command.slice(-2)).toEqual(['--min-added', minAdded]);
  });

  it('counts each pod under its own name, and releases those that were killed at work unless told otherwise', () => {
    const [container] = deployment.spec.template.spec.containers;
    expect(container.env).toContainEqual({ name: 'KONDUCTOR_WORKER_ID', value: 'auto' });
    expect(pick(manifests, 'WaitGroup').spec).toEqual({ workerPolicy: 'Release' });
    const kept = synth((scope) => patterns.DynamicWorkers(scope, { workerPolicy: 'Keep' }));
    expect(pick(kept, 'WaitGroup').spec).toEqual({ workerPolicy: 'Keep' });
  });

  it('allows only the account of its pods to count, and no writing of the status', () => {
    expect(deployment.spec.template.spec.serviceAccountName).toBe('worker');
    expect(subjectsOf(pick(manifests, 'RoleBinding'))).toEqual(['worker']);
    expect(JSON.stringify(pick(manifests, 'Role').rules)).not.toContain('waitgroups/status');
  });
});

describe('Pipeline', () => {
  const manifests = synth(patterns.Pipeline);
  const [first, second] = ['pipeline-stage', 'batch-process'].map((name) => pick(manifests, 'Job', name).spec.template);

  it('adds the number of workers that each stage determines', () => {
    expect(first.spec.containers[0].command[2]).toContain('count=$(\ncount-files\n)\n');
    expect(koncliLines(pick(manifests, 'Job', 'pipeline-stage'))).toEqual([
      'koncli waitgroup add pipeline-stage --delta "$count"',
      'koncli waitgroup done pipeline-stage',
      'koncli waitgroup wait pipeline-stage --timeout 30m',
    ]);
  });

  it('starts a stage after the previous one has added workers and they are done', () => {
    expect(first.spec.initContainers).toBeUndefined();
    expect(second.spec.initContainers[0].command).toEqual(
      '/konductor/koncli waitgroup wait pipeline-stage --min-added 1 --timeout 30m'.split(' '),
    );
  });

  it('lets a stage wait for all earlier ones in their order, so that it learns which of them has failed', () => {
    const three = synth((scope) => patterns.Pipeline(scope, { stages: [...stages, { ...stage, name: 'third' }] }));
    const { initContainers } = pick(three, 'Job', 'third').spec.template.spec;
    expect(initContainers.map(({ command }: Manifest) => command[3])).toEqual(['pipeline-stage', 'batch-process']);
  });

  it('allows each stage to count on its own WaitGroup and to wait for the previous one', () => {
    const grants = manifests.filter(({ kind }) => kind === 'RoleBinding');
    expect(Object.fromEntries(grants.map((binding) => [binding.metadata.name, subjectsOf(binding)]))).toEqual({
      'pipeline-stage-coordinator': ['pipeline-stage'],
      'pipeline-stage-waiter': ['batch-process'],
      'batch-process-coordinator': ['batch-process'],
    });
  });
});

/** Pipelines have these props in each stage. */
const withWork = (kind: keyof typeof patterns, props: object) =>
  synth((scope) => patterns[kind](scope, kind === 'Pipeline' ? { stages: [{ ...stage, ...props }] } : props));

describe.each(['BatchJob', 'DynamicWorkers', 'Pipeline'] as const)('%s', (kind) => {
  it('gives its WaitGroup the deadline', () => {
    expect(pick(withWork(kind, { deadline: '20m' }), 'WaitGroup').spec).toMatchObject({ deadline: '20m' });
  });

  it('fails its WaitGroup when work fails, if it is told to', () => {
    const verbsOf = (onFailure: string) =>
      withWork(kind, { onFailure })
        .filter(({ spec }) => spec?.template)
        .flatMap((workload) => koncliLines(workload).map((line) => line.split(' ')[2]));
    const wait = kind === 'DynamicWorkers' ? [] : ['wait'];
    expect(verbsOf('fail')).toEqual(['add', 'done', 'fail', ...wait]);
    expect(verbsOf('done')).toEqual(['add', 'done', ...wait]);
    expect(withWork(kind, { onFailure: 'done' })).toEqual(withWork(kind, {}));
  });
});

describe.each(Object.entries(patterns))('every pod of %s', (_, build) => {
  const manifests = synth(build);

  it('meets the restricted Pod Security Standard', () => {
    expect(podsOf(manifests)).not.toHaveLength(0);
    for (const { securityContext, initContainers = [], containers } of podsOf(manifests)) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
      for (const container of [...initContainers, ...containers])
        expect(container.securityContext).toMatchObject(restricted);
    }
  });

  it('is applied after its WaitGroup and its permissions', () => {
    for (const workload of manifests.filter(({ spec }) => spec?.template)) {
      const { serviceAccountName } = workload.spec.template.spec;
      const grants = manifests.filter(({ subjects }) => subjects?.some((s: Manifest) => s.name === serviceAccountName));
      const account = pick(manifests, 'ServiceAccount', serviceAccountName);
      for (const needed of [account, ...grants])
        expect(manifests.indexOf(needed)).toBeLessThan(manifests.indexOf(workload));
    }
  });

  it('has koncli and the token that koncli needs', () => {
    for (const { automountServiceAccountToken, volumes } of podsOf(manifests)) {
      expect(automountServiceAccountToken).toBe(true);
      expect(volumes).toContainEqual(expect.objectContaining({ name: 'konductor', image: expect.anything() }));
    }
  });

  it('has the Secrets for pulling that are set', () => {
    for (const pod of podsOf(synth((scope) => build(scope, { imagePullSecrets: ['registry'] }))))
      expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
  });
});

const COUNT = 'it must be an integer from';

it.each<[keyof typeof patterns, object, string]>([
  ['BatchJob', { name: 'A' }, 'name "A" is not a DNS label; use 1 to 63 lowercase letters, digits and hyphens'],
  ['BatchJob', { coordinator: '-' }, 'coordinator "-" is not a DNS label; use '],
  ['BatchJob', { workers: 0 }, `workers is 0; ${COUNT} 1 to 2147483647`],
  ['BatchJob', { workers: '3' }, `workers is "3"; ${COUNT} 1 to 2147483647`],
  ['BatchJob', { work: ' ' }, 'work must not be empty'],
  ['BatchJob', { image: '' }, 'image "" is not an image reference; write it like '],
  [
    'BatchJob',
    { timeout: 'soon' },
    'timeout "soon" is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit',
  ],
  ['DynamicWorkers', { name: '' }, 'name "" is not a DNS label; use '],
  ['DynamicWorkers', { worker: 'a.b' }, 'worker "a.b" is not a DNS label; use '],
  ['DynamicWorkers', { replicas: -1 }, `replicas is -1; ${COUNT} 0 to 2147483647`],
  ['DynamicWorkers', { work: '' }, 'work must not be empty'],
  ['Pipeline', { stages: [] }, 'stages must not be empty'],
  ['Pipeline', { stages: [stage, stage] }, 'two stages are named "batch-process"; give each a unique name'],
  ['Pipeline', { stages: [{ ...stage, workers: '' }] }, 'stages[0].workers must not be empty'],
  [
    'Pipeline',
    { stages: [{ ...stage, workers: '3' }] },
    'stages[0].workers "3" would run as a command; use the number 3',
  ],
  ['BatchJob', { deadline: '0s' }, 'deadline "0s" is not above zero; leave it out for no deadline'],
  ['DynamicWorkers', { deadline: '1d' }, 'deadline "1d" is not a valid duration; use a format like '],
  ['Pipeline', { stages: [{ ...stage, deadline: '0' }] }, 'stages[0].deadline "0" is not above zero; leave it out '],
  ['Pipeline', { timeout: '-1m' }, 'timeout "-1m" is negative; use 0s to check once'],
])('%s rejects %j', (kind, props, sentence) => {
  expect(() => synth((scope) => patterns[kind](scope, props))).toThrow(`${kind} test/It: ${sentence}`);
});
