import { judgeJob, type ObservedJob } from '@konductor/operator';
import { describe, expect, it } from 'vitest';
import { buildWorker } from '../pods/workers.ts';

const JOB = { name: 'nightly', uid: 'job-1', isAdded: false };
const COMPLETE = { kind: 'Complete', reason: 'CompletionsReached' } as const;
const FAILED = { kind: 'Failed', reason: 'BackoffLimitExceeded', message: 'too often' } as const;

/** Of this Job unless it names another one. */
const record = (state: 'Active' | 'Done' | 'Failed' | 'Lost', uid = JOB.uid) => {
  const { pod: _, ...spec } = buildWorker({ state, done: state === 'Active' ? 0 : 1 }).spec;
  return { spec: { ...spec, job: { name: JOB.name, uid } } };
};
const observed = (job: Partial<ObservedJob['job']>, parts: Partial<ObservedJob> = {}): ObservedJob => ({
  ...{ job: { ...JOB, ...job }, record: record('Active'), policy: 'Keep' },
  ...parts,
});

describe('a Job', () => {
  it.each<[string, string, Partial<ObservedJob['job']>, ObservedJob['record']]>([
    ['without a record', 'add', {}, undefined],
    ['without a record, whose work was added', 'start', { isAdded: true }, undefined],
    ['without a record, that has finished', 'add', { end: COMPLETE }, undefined],
    ['without a record, that is being deleted', 'nothing', { isBeingDeleted: true }, undefined],
    [
      'without a record, that has finished and is being deleted',
      'add',
      { isBeingDeleted: true, end: FAILED },
      undefined,
    ],
    ['without a record, that is gone', 'nothing', { departure: 'JobDeleted', end: COMPLETE }, undefined],
    ['that has not finished', 'nothing', {}, record('Active')],
    ['that has not finished and is being deleted', 'nothing', { isBeingDeleted: true }, record('Active')],
    ['that has completed', 'done', { end: COMPLETE }, record('Active')],
    ['that had completed before it was gone', 'done', { end: COMPLETE, departure: 'JobDeleted' }, record('Active')],
    [
      'that had completed before it lost its label',
      'done',
      { end: COMPLETE, departure: 'LabelRemoved' },
      record('Active'),
    ],
    ['that takes over from one of its name', 'add', {}, record('Active', 'job-0')],
    ['after one of its name that has finished', 'add', {}, record('Done', 'job-0')],
    [
      'that is gone and whose record another one took over',
      'nothing',
      { departure: 'JobDeleted' },
      record('Active', 'job-2'),
    ],
    ['of a pod’s worker ID', 'add', {}, buildWorker()],
  ])('%s: %s', (_what, kind, job, of) => {
    expect(judgeJob(observed(job, { record: of }))).toEqual({ kind });
  });

  it.each(['Done', 'Failed', 'Lost'] as const)('counts once: a record that is %s stays so', (state) => {
    const ends = [{}, { end: COMPLETE }, { end: FAILED }, { departure: 'JobDeleted' }] as const;
    const steps = ends.map((job) => judgeJob(observed(job, { record: record(state), policy: 'Fail' })));
    expect(steps).toEqual(ends.map(() => ({ kind: 'nothing' })));
  });
});

describe('under the policy', () => {
  const failed = {
    event: 'JobFailed',
    reason: 'JobFailed',
    message: 'Job nightly failed (BackoffLimitExceeded): too often',
  };
  it.each([
    ['Keep', 'report'],
    ['Release', 'release'],
    ['Fail', 'fail'],
  ] as const)('%s, a Job that has failed: %s', (policy, kind) => {
    expect(judgeJob(observed({ end: FAILED }, { policy }))).toEqual({ kind, ...failed });
    expect(judgeJob(observed({ end: FAILED, departure: 'JobDeleted' }, { policy }))).toEqual({ kind, ...failed });
  });

  const deleted = { reason: 'JobDeleted', message: 'Job nightly was deleted before it finished' };
  const unlabelled = {
    reason: 'LabelRemoved',
    message: 'Job nightly lost its label konductor.io/counts-for before it finished',
  };
  it.each([
    ['Keep', 'report'],
    ['Release', 'release'],
    ['Fail', 'release'],
  ] as const)('%s, a Job that has not finished and counts no more: %s', (policy, kind) => {
    for (const { reason, message } of [deleted, unlabelled] as const)
      expect(judgeJob(observed({ departure: reason as 'JobDeleted' }, { policy }))).toEqual({
        ...{ kind, event: 'WorkerLost', reason, message },
      });
  });
});

it.each([
  [{ kind: 'Failed' }, 'Job nightly failed'],
  [{ kind: 'Failed', message: 'too often' }, 'Job nightly failed: too often'],
  [{ kind: 'Failed', reason: 'DeadlineExceeded' }, 'Job nightly failed (DeadlineExceeded)'],
] as const)('says what is known of the failure %o', (end, message) => {
  expect(judgeJob(observed({ end }))).toMatchObject({ message });
});
