import {
  BatchJob,
  type BatchJobProps,
  DynamicWorkers,
  type DynamicWorkersProps,
  Pipeline,
  type PipelineProps,
} from '@konductor/cdk8s';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const image = 'busybox:1.37';
const addBatchJob = (scope: Construct) =>
  new BatchJob(scope, 'Batch', {
    ...{ name: 'batch-jobs', coordinator: 'coordinator', ttl: '1h', workers: 10 },
    ...{ work: 'start-worker "$i"', timeout: '30m', image },
  });
const addDynamicWorkers = (scope: Construct) =>
  new DynamicWorkers(scope, 'Dynamic', { name: 'workers', worker: 'worker', replicas: 5, work: 'do-work', image });
const addPipeline = (scope: Construct) =>
  new Pipeline(scope, 'Pipeline', {
    stages: [
      { name: 'pipeline-stage', workers: 'count-files', work: 'extract' },
      { name: 'batch-process', workers: 3, work: 'load' },
    ],
    timeout: '30m',
    image,
  });

const batch = { name: 'batch', coordinator: 'coordinator', workers: 1, work: 'do', timeout: '1m', image };
const dynamic = { name: 'group', worker: 'worker', replicas: 1, work: 'do', image };
const stage = { name: 'one', workers: 1, work: 'do' };
const pipeline = { stages: [stage], timeout: '1m', image };

const koncliLines = (workload: Manifest): string[] => {
  const script: string = workload.spec.template.spec.containers[0].command[2];
  return script.split('\n').flatMap((line) => /^ *(koncli [^|]*)/.exec(line)?.[1]?.trim() ?? []);
};
const subjectsOf = (binding: Manifest) => binding.subjects.map(({ name }: { name: string }) => name);

describe('BatchJob', () => {
  const manifests = synth(addBatchJob);
  const job = pick(manifests, 'Job');

  it('runs the commands of the API page on the group that it makes', () => {
    expect(pick(manifests, 'WaitGroup')).toMatchObject({ metadata: { name: 'batch-jobs' }, spec: { ttl: '1h' } });
    expect(job.metadata.name).toBe('coordinator');
    expect(koncliLines(job)).toEqual([
      'koncli waitgroup add batch-jobs --delta 10',
      'koncli waitgroup done batch-jobs',
      'koncli waitgroup wait batch-jobs --timeout 30m',
    ]);
  });

  it('is not tried again, as a second run would add again', () => {
    expect(job.spec).toMatchObject({ backoffLimit: 0, template: { spec: { restartPolicy: 'Never' } } });
  });

  it('lets the coordinator and the workers’ account count, and nobody else', () => {
    expect(job.spec.template.spec.serviceAccountName).toBe('batch-jobs-coordinator');
    expect(subjectsOf(pick(manifests, 'RoleBinding'))).toEqual(['batch-jobs-coordinator', 'batch-jobs-worker']);
  });
});

describe('DynamicWorkers', () => {
  const manifests = synth(addDynamicWorkers);
  const deployment = pick(manifests, 'Deployment');

  it('runs the commands of the API page in each of its pods', () => {
    expect(deployment).toMatchObject({ metadata: { name: 'worker' }, spec: { replicas: 5 } });
    expect(koncliLines(deployment)).toEqual([
      'koncli waitgroup add workers --delta 1',
      'koncli waitgroup done workers',
    ]);
  });

  it('selects and labels its pods by app alone, wherever the construct is', () => {
    const moved = synth((scope) => addDynamicWorkers(new Construct(scope, 'Elsewhere')));
    expect(deployment.spec.selector).toEqual({ matchLabels: { app: 'worker' } });
    expect(deployment.spec.template.metadata.labels).toEqual({ app: 'worker' });
    expect(moved).toEqual(manifests);
  });

  it('lets its pods’ account count, and nobody else', () => {
    expect(deployment.spec.template.spec.serviceAccountName).toBe('worker');
    expect(subjectsOf(pick(manifests, 'RoleBinding'))).toEqual(['worker']);
  });
});

describe('Pipeline', () => {
  const manifests = synth(addPipeline);
  const [first, second] = ['pipeline-stage', 'batch-process'].map((name) => pick(manifests, 'Job', name).spec.template);

  it('adds as many workers as each stage finds that it has', () => {
    expect(first.spec.containers[0].command[2]).toContain('count=$(\ncount-files\n)\n');
    expect(koncliLines(pick(manifests, 'Job', 'pipeline-stage'))).toEqual([
      'koncli waitgroup add pipeline-stage --delta "$count"',
      'koncli waitgroup done pipeline-stage',
      'koncli waitgroup wait pipeline-stage --timeout 30m',
    ]);
  });

  it('begins a stage when the one before it has added workers and they are done', () => {
    expect(first.spec.initContainers).toBeUndefined();
    expect(second.spec.initContainers[0].command).toEqual(
      '/konductor/koncli waitgroup wait pipeline-stage --min-added 1 --timeout 30m'.split(' '),
    );
  });

  it('lets each stage count on its own group and wait for the one before', () => {
    const grants = manifests.filter(({ kind }) => kind === 'RoleBinding');
    expect(Object.fromEntries(grants.map((binding) => [binding.metadata.name, subjectsOf(binding)]))).toEqual({
      'pipeline-stage-worker': ['pipeline-stage'],
      'pipeline-stage-waiter': ['batch-process'],
      'batch-process-worker': ['batch-process'],
    });
  });
});

describe('imagePullSecrets of a pattern', () => {
  it('are those of its pods', () => {
    const secrets = { imagePullSecrets: ['registry'] };
    const manifests = synth((scope) => {
      new BatchJob(scope, 'B', { ...batch, ...secrets });
      new DynamicWorkers(scope, 'D', { ...dynamic, ...secrets });
      new Pipeline(scope, 'P', { ...pipeline, ...secrets });
    });
    const pods = manifests.flatMap(({ spec }) => spec?.template?.spec ?? []);
    expect(pods.map((pod) => pod.imagePullSecrets)).toEqual(Array(3).fill([{ name: 'registry' }]));
  });
});

describe.each([
  ['BatchJob', addBatchJob],
  ['DynamicWorkers', addDynamicWorkers],
  ['Pipeline', addPipeline],
])('every pod of %s', (_, build) => {
  const pods = synth(build).flatMap(({ spec }) => spec?.template?.spec ?? []);

  it('meets the restricted Pod Security Standard', () => {
    expect(pods).not.toHaveLength(0);
    for (const { securityContext, initContainers = [], containers } of pods) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(securityContext.runAsUser).toBeGreaterThan(0);
      for (const container of [...initContainers, ...containers]) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('is applied after its group and its rights', () => {
    const manifests = synth(build);
    const placeOf = (found: Manifest) => manifests.indexOf(found);
    for (const workload of manifests.filter(({ spec }) => spec?.template)) {
      const { serviceAccountName } = workload.spec.template.spec;
      const grants = manifests.filter(({ subjects }) => subjects?.some((s: Manifest) => s.name === serviceAccountName));
      const account = pick(manifests, 'ServiceAccount', serviceAccountName);
      for (const needed of [account, ...grants]) expect(placeOf(needed)).toBeLessThan(placeOf(workload));
    }
  });

  it('has koncli and the token that koncli needs', () => {
    for (const { automountServiceAccountToken, volumes } of pods) {
      expect(automountServiceAccountToken).toBe(true);
      expect(volumes).toContainEqual(expect.objectContaining({ name: 'konductor', image: expect.anything() }));
    }
  });
});

describe('refuses', () => {
  it.each<[Partial<BatchJobProps>, string]>([
    [{ name: 'A' }, 'name "A" is no DNS label: write 1 to 63 lower-case letters, digits and hyphens'],
    [{ coordinator: '-' }, 'coordinator "-" is no DNS label'],
    [{ workers: 0 }, 'workers is 0: write a whole number that is 1 or more'],
    [{ workers: -3 }, 'workers is -3: write a whole number that is 1 or more'],
    [{ work: ' ' }, 'work is empty: say which'],
    [{ image: '' }, 'image is empty: say which'],
    [{ timeout: 'soon' }, 'timeout "soon" is not a duration; write it like 1h30m, 90s or 500ms'],
  ])('a BatchJob with %j', (props, sentence) => {
    const build = () => synth((scope) => new BatchJob(scope, 'Batch', { ...batch, ...props }));
    expect(build).toThrow(`BatchJob test/Batch: ${sentence}`);
  });

  it.each<[Partial<DynamicWorkersProps>, string]>([
    [{ name: '' }, 'name "" is no DNS label'],
    [{ worker: 'a.b' }, 'worker "a.b" is no DNS label'],
    [{ replicas: -1 }, 'replicas is -1: write a whole number that is 0 or more'],
    [{ work: '' }, 'work is empty: say which'],
  ])('DynamicWorkers with %j', (props, sentence) => {
    const build = () => synth((scope) => new DynamicWorkers(scope, 'Dynamic', { ...dynamic, ...props }));
    expect(build).toThrow(`DynamicWorkers test/Dynamic: ${sentence}`);
  });

  it.each<[Partial<PipelineProps>, string]>([
    [{ stages: [] }, 'stages is empty: give it one at least'],
    [{ stages: [stage, stage] }, 'two stages are named "one": give each a name of its own'],
    [{ stages: [{ ...stage, workers: '' }] }, 'stages[0].workers is empty: say which'],
    [{ timeout: '-1m' }, 'timeout "-1m" is negative; write 0s to look once'],
  ])('a Pipeline with %j', (props, sentence) => {
    const build = () => synth((scope) => new Pipeline(scope, 'Pipeline', { ...pipeline, ...props }));
    expect(build).toThrow(`Pipeline test/Pipeline: ${sentence}`);
  });
});
