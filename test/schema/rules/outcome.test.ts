// Every transition of a round: what a call makes of it, and what it leaves.
import {
  applyOperation,
  type Condition,
  failRound,
  MAX_CONDITIONS,
  MAX_TOTAL,
  type NewFailure,
  reflectOutcome,
  type WaitGroupStatus,
} from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildOperation, buildStatus, buildWaitGroup, deepFreeze, NOW } from '../wait-groups.ts';

type Fields = Partial<WaitGroupStatus>;
const AT = '2026-01-02T03:30:00.000Z';
const earlier = { reason: 'WorkerFailed', message: 'no space left', worker: 'worker-3', at: AT };
const FAILURE: NewFailure = { reason: 'DiskFull', message: 'no space left', worker: 'worker-1' };
const recorded = { ...FAILURE, at: NOW.toISOString() };

const unused: Fields = { counter: 0, added: 0 };
const open: Fields = { counter: 2, added: 5, completions: 1, failures: 1, startedAt: AT };
const failed: Fields = { ...open, outcome: 'Failed', failure: earlier, failures: 2, failedAt: AT };
const ended: Fields = { counter: 0, added: 5, completions: 2, failures: 2, startedAt: AT, completedAt: AT };
const succeeded: Fields = { ...ended, outcome: 'Succeeded' };
const failedAndDone: Fields = { ...ended, outcome: 'Failed', failure: earlier, failedAt: AT };
/** By an older client, or by hand. */
const undecided: Fields = { ...ended, failures: 1 };

const statusOf = (fields: Fields) => deepFreeze(reflectOutcome(buildStatus(fields), NOW));
function apply(fields: Fields, delta: number, failure?: NewFailure) {
  const group = deepFreeze(buildWaitGroup({ status: statusOf(fields) }));
  return applyOperation(group, { ...buildOperation(delta), failure }, NOW);
}
const conditionTypes = ({ conditions = [] }: WaitGroupStatus) => conditions.map(({ type }) => type);
const GONE = {
  outcome: undefined,
  failure: undefined,
  startedAt: undefined,
  failedAt: undefined,
  completedAt: undefined,
};

describe('a call without a failure', () => {
  it.each<[string, Fields, number, object]>([
    ['begins the first round: undecided', unused, 2, { counter: 2, ...GONE }],
    ['leaves an open round open', open, -1, { counter: 1, outcome: undefined, failures: 1, startedAt: AT }],
    ['ends an open round: Succeeded', open, -2, { outcome: 'Succeeded', completions: 2, failures: 1, startedAt: AT }],
    ['leaves a failed round failed', failed, -1, { counter: 1, outcome: 'Failed', failure: earlier, failedAt: AT }],
    ['adds to a failed round', failed, 1, { counter: 3, outcome: 'Failed', failure: earlier, failures: 2 }],
    ['ends a failed round: Failed', failed, -2, { outcome: 'Failed', failure: earlier, completions: 2, failedAt: AT }],
    ['begins a round after a success', succeeded, 1, { counter: 1, failures: 2, ...GONE }],
    ['begins a round after a failure', failedAndDone, 1, { counter: 1, failures: 2, ...GONE }],
    ['begins a round after one that nobody decided', undecided, 1, { counter: 1, failures: 1, ...GONE }],
  ])('%s', (_name, before, delta, after) => {
    const { status } = apply(before, delta);
    expect({ ...GONE, ...status }).toMatchObject(after);
    const isFailed = status?.outcome === 'Failed';
    expect(status && conditionTypes(status)).toEqual(isFailed ? ['Done', 'Failed', 'Stalled'] : ['Done']);
  });

  it('says in the Done condition how a round ended', () => {
    const message = 'No work is outstanding, but the round failed.';
    const done = (fields: Fields) => apply(fields, -2).status?.conditions?.find(({ type }) => type === 'Done');
    expect(done(failed)).toMatchObject({ status: 'True', reason: 'Failed', message });
    expect(done(open)).toMatchObject({ status: 'True', reason: 'Completed', message: 'All work is done.' });
  });
});

describe('a call with a failure', () => {
  it.each<[string, Fields, number, object]>([
    ['fails an open round', open, -1, { counter: 1, outcome: 'Failed', failure: recorded, failures: 2, startedAt: AT }],
    ['fails an open round and ends it', open, -2, { counter: 0, outcome: 'Failed', failure: recorded, completions: 2 }],
    ['fails an open round as an onlooker', open, 0, { counter: 2, outcome: 'Failed', failure: recorded, failures: 2 }],
    ['counts in a failed round: the first failure stands', failed, -1, { counter: 1, failure: earlier, failures: 2 }],
    ['ends a failed round: the first failure stands', failed, -2, { counter: 0, failure: earlier, failures: 2 }],
  ])('%s', (_name, before, delta, after) => {
    const { status } = apply(before, delta, FAILURE);
    expect(status).toMatchObject({ ...after, recentOperations: [{ id: 'op-1', delta }] });
    expect(status && conditionTypes(status)).toEqual(['Done', 'Failed', 'Stalled']);
  });

  it('fails the first round of a group that has no status yet', () => {
    const group = buildWaitGroup({ spec: { initialCount: 2 } });
    const { status } = applyOperation(group, { ...buildOperation(-1), failure: FAILURE }, NOW);
    expect(status).toMatchObject({ counter: 1, added: 2, outcome: 'Failed', failures: 1, failure: recorded });
  });

  it.each<[string, Fields, number, object]>([
    ['nothing was added', unused, -1, { reason: 'NothingOutstanding' }],
    ['the round has succeeded', succeeded, -1, { reason: 'NothingOutstanding' }],
    ['the round has failed and ended', failedAndDone, 0, { reason: 'NothingOutstanding' }],
    ['the round has ended, whatever came of it', undecided, 0, { reason: 'NothingOutstanding' }],
    ['the counter would fall below zero', open, -3, { reason: 'BelowZero', counter: 2, delta: -3 }],
    ['the delta is not an integer', open, -0.5, { reason: 'NotAnInteger', delta: -0.5 }],
  ])('changes nothing when %s', (_name, before, delta, rejection) => {
    expect(apply(before, delta, FAILURE)).toEqual({ steps: [{ ok: false, rejection }] });
  });

  it('is not written when it neither counts nor is the first', () => {
    expect(apply(failed, 0, FAILURE)).toEqual({ steps: [{ ok: true, status: statusOf(failed) }] });
  });
});

describe('failRound', () => {
  const fail = (failure: NewFailure, fields: Fields = {}) => failRound(statusOf({ ...open, ...fields }), failure, NOW);

  it('cuts the message by characters, not by halves of them, and the one of the conditions shorter', () => {
    const { failure, conditions } = fail({ ...FAILURE, message: '😀'.repeat(1025) });
    expect(failure?.message).toBe(`${'😀'.repeat(1023)}…`);
    expect(conditions?.at(-1)?.message).toBe(`${'😀'.repeat(255)}…`);
    expect(fail({ ...FAILURE, message: '😀'.repeat(1024) }).failure?.message).toBe('😀'.repeat(1024));
  });

  it.each([
    ['grö\nße', 'gr???e'],
    ['x'.repeat(254), 'x'.repeat(253)],
    ['', undefined],
    [undefined, undefined],
  ])('records the worker %j as %j', (worker, expected) => {
    expect(fail({ ...FAILURE, worker }).failure?.worker).toBe(expected);
  });

  it('sets Failed and Stalled alike, with the time of the failure', () => {
    const condition = { status: 'True', reason: 'DiskFull', message: 'no space left' };
    const lastTransitionTime = '2026-01-02T04:00:00Z';
    expect(fail(FAILURE).conditions?.slice(1)).toEqual([
      { type: 'Failed', ...condition, lastTransitionTime },
      { type: 'Stalled', ...condition, lastTransitionTime },
    ]);
  });

  it('finds room for its conditions in a list that is full of others', () => {
    const other = (type: string): Condition => ({
      ...{ type, status: 'True', reason: 'Because', message: '', lastTransitionTime: AT },
    });
    const conditions = Array.from({ length: MAX_CONDITIONS }, (_, index) => other(`T${index}`));
    const types = conditionTypes(fail(FAILURE, { conditions }));
    expect(types).toEqual(['T0', 'T1', 'T2', 'T3', 'T4', 'Done', 'Failed', 'Stalled']);
  });

  it('is not prevented by a total at its maximum', () => {
    expect(fail(FAILURE, { failures: MAX_TOTAL })).toMatchObject({ outcome: 'Failed', failures: MAX_TOTAL });
  });
});

describe('reflectOutcome', () => {
  it('returns the status itself when there is nothing to change', () => {
    const status = buildStatus(open);
    expect(reflectOutcome(status, NOW)).toBe(status);
  });

  it('adds what a status that was failed by hand lacks, and removes what contradicts it', () => {
    const byHand = { ...buildStatus(open), outcome: 'Failed' as const, failure: earlier };
    const reflected = reflectOutcome(byHand, NOW);
    expect(conditionTypes(reflected)).toEqual(['Done', 'Failed', 'Stalled']);
    const { outcome: _, failure: __, ...cleared } = reflected;
    expect(conditionTypes(reflectOutcome(cleared, NOW))).toEqual(['Done']);
  });
});
