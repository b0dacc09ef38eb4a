// Patterns that the operator counts by labels: no koncli, no accounts, no permissions.
import { BatchJob, type BatchJobProps, Pipeline, type PipelineProps } from '@konductor/cdk8s';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const common = { by: 'label', timeout: '90s', image: 'busybox:1.37' } as const;
const stages = ['one', 'two', 'three'].map((name) => ({ name, workers: 2, work: 'true' }));

const pipeline = (props: Partial<PipelineProps> = {}) =>
  synth((scope) => new Pipeline(scope, 'It', { stages, ...common, ...props }));
const batch = (props: Partial<BatchJobProps> = {}, use: (batch: BatchJob) => void = () => undefined) =>
  synth((scope) => {
    const work = { name: 'batch', coordinator: 'coordinator', workers: 2, work: 'true' };
    use(new BatchJob(scope, 'It', { ...work, ...common, ...props }));
  });

const kindsOf = (manifests: Manifest[]) => manifests.map(({ kind }) => kind);
const jobsOf = (manifests: Manifest[]) => manifests.filter(({ kind }) => kind === 'Job');
const countsFor = (name: string) => ({ 'konductor.io/counts-for': name });

describe('Pipeline by label', () => {
  it('counts the Job of each stage, and suspends it until the stage before is done', () => {
    const jobs = jobsOf(pipeline());
    expect(jobs.map(({ metadata }) => metadata.labels)).toEqual([
      countsFor('one'),
      { ...countsFor('two'), 'konductor.io/after': 'one' },
      { ...countsFor('three'), 'konductor.io/after': 'two' },
    ]);
    expect(jobs.map(({ spec }) => spec.suspend)).toEqual([undefined, true, true]);
  });

  it('fails the WaitGroup of a stage whose Job fails', () => {
    const groups = pipeline().filter(({ kind }) => kind === 'WaitGroup');
    expect(groups.map(({ spec }) => spec)).toEqual(Array(3).fill({ workerPolicy: 'Fail' }));
  });
});

describe('BatchJob by label', () => {
  it('counts its Job', () => {
    expect(pick(batch(), 'Job').metadata.labels).toEqual(countsFor('batch'));
  });

  it('fails the WaitGroup if its Job fails, unless told otherwise', () => {
    expect(pick(batch(), 'WaitGroup').spec).toEqual({ workerPolicy: 'Fail' });
    expect(pick(batch({ workerPolicy: 'Keep' }), 'WaitGroup').spec).toEqual({ workerPolicy: 'Keep' });
  });

  it('has an account for workers in other pods once it is used', () => {
    const manifests = batch({}, ({ workerAccount }) => expect(workerAccount.name).toBe('batch-worker'));
    expect(pick(manifests, 'RoleBinding').subjects).toMatchObject([{ name: 'batch-worker' }]);
  });
});

describe.each<[string, (props?: object) => Manifest[]]>([
  ['Pipeline', pipeline],
  ['BatchJob', batch],
])('%s by label', (kind, build) => {
  it('consists of WaitGroups and Jobs alone, whose pods have neither koncli nor a token', () => {
    expect(new Set(kindsOf(build()))).toEqual(new Set(['WaitGroup', 'Job']));
    for (const { spec } of jobsOf(build())) {
      expect(spec.template.spec).toMatchObject({ automountServiceAccountToken: false });
      expect(spec.template.spec).not.toHaveProperty('serviceAccountName');
      expect(JSON.stringify(spec)).not.toContain('koncli');
    }
  });

  it('gives its Jobs the time limit, and the Secrets for pulling', () => {
    for (const { spec } of jobsOf(build({ imagePullSecrets: ['registry'] }))) {
      expect(spec).toMatchObject({ activeDeadlineSeconds: 90, backoffLimit: 0 });
      expect(spec.template.spec.imagePullSecrets).toEqual([{ name: 'registry' }]);
    }
  });

  it.each([
    ['koncliImage', 'koncli:1'],
    ['koncliDelivery', 'initContainer'],
  ])('rejects %s, which it does not need', (name, value) => {
    expect(() => build({ [name]: value })).toThrow(`${kind} test/It: ${name} has no effect by "label"; remove it`);
  });
});

it('a Job that is held for the WaitGroup of a pattern needs nothing else either', () => {
  const manifests = synth((scope: Construct) => {
    const first = new Pipeline(scope, 'First', { stages: stages.slice(0, 1), ...common });
    const { coordinator } = new BatchJob(scope, 'Second', {
      ...{ name: 'batch', coordinator: 'coordinator', workers: 2, work: 'true', ...common },
    });
    first.waitGroups[0]?.waitFor(coordinator, { by: 'suspend' });
  });
  expect(kindsOf(manifests)).toEqual(['WaitGroup', 'Job', 'WaitGroup', 'Job']);
});
