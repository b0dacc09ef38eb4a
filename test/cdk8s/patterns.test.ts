import { BatchJob, DynamicWorkers, Pipeline } from '@konductor/cdk8s';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from './synth.ts';

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
    expect(first.spec.containers[0].command[2]).toContain('count=$(count-files)\n');
    expect(koncliLines(pick(manifests, 'Job', 'pipeline-stage'))).toEqual([
      'koncli waitgroup add pipeline-stage --delta "$count"',
      'koncli waitgroup done pipeline-stage',
      'koncli waitgroup wait pipeline-stage --timeout 30m',
    ]);
  });

  it('begins a stage when the one before it has added workers and they are done', () => {
    expect(first.spec.initContainers).toBeUndefined();
    expect(second.spec.initContainers[0].command).toEqual(
      'koncli waitgroup wait pipeline-stage --min-added 1 --timeout 30m'.split(' '),
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

  it('has koncli and the token that koncli needs', () => {
    for (const { automountServiceAccountToken, volumes } of pods) {
      expect(automountServiceAccountToken).toBe(true);
      expect(volumes).toContainEqual(expect.objectContaining({ name: 'konductor', image: expect.anything() }));
    }
  });
});
