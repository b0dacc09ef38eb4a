// The table: what each operation does to a record in each state.
import { applyWorkerOperation, type NoChange, type WaitGroupWorkerSpec, type WorkerOperation } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../wait-groups.ts';
import { buildSpec, GROUP, JOB, OTHER_POD, POD, type Tally } from '../workers.ts';

const ROUND = 3;

function apply(record: WaitGroupWorkerSpec | undefined, fields: Partial<WorkerOperation>) {
  const operation = { kind: 'add', id: 'op-2', worker: 'a', pod: POD, round: ROUND, ...fields } as const;
  return applyWorkerOperation(record && deepFreeze({ spec: record }), GROUP, operation);
}

/** The written spec; fails if nothing is written. */
function written(record: WaitGroupWorkerSpec | undefined, fields: Partial<WorkerOperation>): WaitGroupWorkerSpec {
  const step = apply(record, fields);
  return step.kind === 'write' ? step.spec : expect.fail(step.why);
}

const record = ([added, done, borrowed, state]: Tally, fields: Partial<WaitGroupWorkerSpec> = {}) =>
  buildSpec({ added, done, borrowed, state, pod: POD, operation: 'op-1', round: ROUND, ...fields });

const working: Tally = [2, 1, 0, 'Active'];
const started: Tally = [0, 0, 1, 'Active'];
const ENDS = ['Done', 'Failed', 'Lost'] as const;
const own = ENDS.map((state): Tally => [1, 1, 0, state]);
const lent = ENDS.map((state): Tally => [0, 0, 1, state]);
const EARLIER = { round: ROUND - 1 };

type Cell = [WorkerOperation['kind'], Tally | undefined, Partial<WaitGroupWorkerSpec>, Tally | NoChange];
const cells: Cell[] = [
  ['add', undefined, {}, [1, 0, 0, 'Active']],
  ['add', working, {}, 'AlreadyActive'],
  ['add', started, {}, 'AlreadyActive'],
  ...[...own, ...lent].flatMap((tally): Cell[] => {
    const again: Tally = [tally[0] + 1, tally[1], tally[2], 'Active'];
    return [
      ['add', tally, {}, again],
      ['add', tally, EARLIER, again],
    ];
  }),
  ['start', undefined, {}, [0, 0, 0, 'Active']],
  ['start', working, {}, 'AlreadyActive'],
  ['start', started, {}, 'AlreadyActive'],
  ...[...own, ...lent].flatMap((tally): Cell[] => [
    ['start', tally, {}, 'AlreadyFinished'],
    ['start', tally, EARLIER, [tally[0], tally[1], tally[2], 'Active']],
  ]),
  ...(['done', 'fail'] as const).flatMap((kind): Cell[] => {
    const state = kind === 'fail' ? 'Failed' : 'Done';
    return [
      [kind, undefined, {}, [0, 0, 1, state]],
      [kind, working, {}, [2, 2, 0, state]],
      [kind, working, EARLIER, [2, 2, 0, state]],
      [kind, [1, 1, 0, 'Active'], {}, [1, 1, 1, state]],
      [kind, started, {}, [0, 0, 2, state]],
      [kind, started, EARLIER, [0, 0, 2, state]],
      ...own.flatMap((tally): Cell[] => [
        [kind, tally, {}, 'AlreadyFinished'],
        [kind, tally, EARLIER, 'AlreadyFinished'],
      ]),
      ...lent.flatMap((tally): Cell[] => [
        [kind, tally, {}, 'AlreadyFinished'],
        [kind, tally, EARLIER, [0, 0, 2, state]],
      ]),
    ];
  }),
  ['release', undefined, {}, 'NoRecord'],
  ['release', working, {}, [2, 2, 0, 'Lost']],
  ['release', started, {}, [0, 0, 2, 'Lost']],
  ...own.map((tally): Cell => ['release', tally, {}, 'AlreadyFinished']),
  ['note', undefined, {}, 'NoRecord'],
  ['note', working, {}, working],
  ['note', started, {}, started],
  ...own.map((tally): Cell => ['note', tally, {}, 'AlreadyFinished']),
];

describe('the table', () => {
  it.each(cells)('%s on %j %j: %j', (kind, tally, fields, expected) => {
    const before = tally && record(tally, fields);
    if (typeof expected === 'string') return expect(apply(before, { kind })).toEqual({ kind: 'none', why: expected });
    const [added, done, borrowed, state] = expected;
    const identity = { waitGroup: GROUP.name, waitGroupUid: GROUP.uid, worker: 'a' };
    const after = { ...identity, added, done, borrowed, state, operation: 'op-2', pod: POD };
    expect(written(before, { kind })).toMatchObject(after);
  });

  it.each(['add', 'start', 'done', 'fail', 'release', 'note'] as const)(
    '%s recognizes that it was recorded before, whatever the record is now',
    (kind) => {
      for (const tally of [working, started, ...own, ...lent])
        for (const fields of [{}, EARLIER, { pod: OTHER_POD }]) {
          const before = record(tally, { ...fields, operation: 'op-2' });
          expect(apply(before, { kind })).toEqual({ kind: 'none', why: 'AlreadyRecorded' });
        }
    },
  );

  it.each(['add', 'start', 'done', 'fail', 'release', 'note'] as const)(
    '%s, retried after its response was lost, changes nothing more',
    (kind) => {
      for (const tally of [undefined, working, started, ...own, ...lent]) {
        const step = apply(tally && record(tally, EARLIER), { kind });
        if (step.kind === 'write') expect(apply(step.spec, { kind })).toHaveProperty('why', 'AlreadyRecorded');
      }
    },
  );
});

describe('a record of another pod', () => {
  it.each(['add', 'start'] as const)('is taken over by %s, with its tally', (kind) => {
    for (const tally of [working, started]) {
      const before = record(tally, { pod: OTHER_POD, message: 'of the other pod' });
      const { message: _, ...kept } = before;
      expect(written(before, { kind })).toEqual({ ...kept, pod: POD, operation: 'op-2' });
    }
  });

  it.each(['done', 'fail', 'note', 'release'] as const)('is left alone by %s', (kind) => {
    for (const tally of [working, started])
      for (const pod of [OTHER_POD, undefined])
        expect(apply(buildSpec({ ...record(tally), pod }), { kind })).toEqual({ kind: 'none', why: 'OtherPod' });
  });

  it('is released by a caller that does not say which pod was lost, and still names it', () => {
    const after = written(record(working, { pod: OTHER_POD }), { kind: 'release', pod: undefined });
    expect(after).toMatchObject({ state: 'Lost', done: 2, pod: OTHER_POD });
  });

  it.each(['add', 'done'] as const)('is one whose uid differs, not its name: %s', (kind) => {
    const before = record(kind === 'add' ? working : started, { pod: { ...POD, name: 'renamed' } });
    expect(apply(before, { kind }).kind).toBe(kind === 'add' ? 'none' : 'write');
  });

  it('is not one without a pod, for a caller without a pod', () => {
    const before = buildSpec({ added: 1 });
    expect(written(before, { kind: 'done', pod: undefined })).toMatchObject({ done: 1, state: 'Done' });
    expect(written(before, { kind: 'done', pod: undefined })).not.toHaveProperty('pod');
    expect(apply(before, { kind: 'add', pod: undefined })).toEqual({ kind: 'none', why: 'AlreadyActive' });
  });
});

describe('the round of a record', () => {
  it.each<[WorkerOperation['kind'], Tally | undefined, number]>([
    ['add', undefined, ROUND],
    ['add', [1, 1, 0, 'Done'], ROUND],
    ['start', undefined, ROUND],
    ['start', [1, 1, 0, 'Done'], ROUND],
    ['done', undefined, ROUND],
    ['done', [0, 0, 1, 'Done'], ROUND],
    ['done', working, ROUND - 1],
    ['release', working, ROUND - 1],
    ['note', working, ROUND - 1],
  ])('after %s on %j is %d', (kind, tally, round) => {
    expect(written(tally && record(tally, EARLIER), { kind }).round).toBe(round);
  });

  it.each(['done', 'fail', 'release'] as const)(
    'is that in which work of others was finished by %s, so that a container that restarts does not repeat it',
    (kind) => {
      const after = written(record(started, EARLIER), { kind });
      expect(after.round).toBe(ROUND);
      expect(apply(after, { kind: 'done', id: 'op-3' })).toEqual({ kind: 'none', why: 'AlreadyFinished' });
    },
  );

  it('is not that of a caller that read it before the work began', () => {
    expect(written(record(started), { kind: 'done', round: 1 }).round).toBe(ROUND);
  });
});

describe('what is said of the work', () => {
  const failed = { reason: 'DiskFull', message: 'no space left' };

  it.each(['fail', 'release', 'note'] as const)('is recorded by %s', (kind) => {
    expect(written(record(working), { kind, ...failed })).toMatchObject(failed);
  });

  it('is cut to what the CRD allows, in characters', () => {
    const { message } = written(record(working), { kind: 'note', message: '😀'.repeat(1025) });
    expect(message).toBe(`${'😀'.repeat(1023)}…`);
  });

  it.each<[WorkerOperation['kind'], Tally]>([
    ['add', [1, 1, 0, 'Failed']],
    ['done', working],
    ['fail', working],
    ['release', working],
  ])('is that of the last change: %s removes it from %j', (kind, tally) => {
    const after = written(record(tally, failed), { kind });
    expect(after).not.toHaveProperty('reason');
    expect(after).not.toHaveProperty('message');
  });
});

describe('a Job', () => {
  const job = { pod: undefined, job: JOB };
  const recreated = { pod: undefined, job: { ...JOB, uid: 'uid-recreated' } };

  it('counts like a pod', () => {
    const added = written(undefined, { ...job, kind: 'add' });
    expect(added).toMatchObject({ added: 1, done: 0, state: 'Active', job: JOB });
    expect(written({ ...added, operation: 'op-1' }, { ...job, kind: 'done' })).toEqual({
      ...added,
      done: 1,
      state: 'Done',
    });
  });

  it('takes an Active record over from the Job that had its name, and adds again after a finished one', () => {
    const taken = written(record(working, job), { ...recreated, kind: 'add' });
    expect(taken).toEqual(record(working, { ...recreated, operation: 'op-2' }));
    expect(written(record([1, 1, 0, 'Done'], job), { ...recreated, kind: 'add' })).toMatchObject({ added: 2, done: 1 });
  });

  it('is not released in place of the Job that has its name now', () => {
    expect(apply(record(working, recreated), { ...job, kind: 'release' })).toEqual({ kind: 'none', why: 'OtherPod' });
  });

  it('keeps its record when a user releases it', () => {
    expect(written(record(working, job), { pod: undefined, kind: 'release' })).toMatchObject({
      state: 'Lost',
      job: JOB,
    });
  });

  it.each(['add', 'start', 'done', 'fail', 'note'] as const)('never mixes with a pod: %s', (kind) => {
    for (const tally of [working, started, ...own]) {
      expect(apply(record(tally), { ...job, kind })).toEqual({ kind: 'none', why: 'OtherKind' });
      expect(apply(record(tally, job), { kind })).toEqual({ kind: 'none', why: 'OtherKind' });
      expect(apply(record(tally, { pod: undefined }), { ...job, kind })).toEqual({ kind: 'none', why: 'OtherKind' });
    }
  });
});
