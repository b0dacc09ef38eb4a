import { type Decision, type Now, reconcile } from '@konductor/operator';
import { applyOperation, failRound, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildOperation, buildStatus, buildWaitGroup, CREATED, deepFreeze } from '../../schema/wait-groups.ts';

const HOUR_MS = 3_600_000;
const TOLERANCE_MS = 60_000;
const START_MS = Date.parse(CREATED) + HOUR_MS;
const START = new Date(START_MS).toISOString();
const waiting = buildStatus({ counter: 3, added: 5, observedGeneration: 1 });
const started = { ...waiting, startedAt: START };
const failure = { reason: 'DiskFull', message: 'no space left', worker: 'worker-3' };
const failed = failRound(waiting, failure, new Date(START_MS));

const at = (elapsedMs: number, fields: Partial<Now> = {}): Now => ({ time: new Date(START_MS + elapsedMs), ...fields });
const group = (spec: WaitGroup['spec'], status?: WaitGroupStatus) =>
  deepFreeze(buildWaitGroup({ spec, ...(status && { status }) }));
const written = (decision: Decision): WaitGroupStatus => {
  if (decision.kind !== 'write') throw new Error(`the decision is ${decision.kind}`);
  return decision.status;
};

describe('the start of a round with a deadline', () => {
  it.each([
    ['is recorded', { deadline: '1h' }, waiting],
    ['is recorded when the deadline is set later', { deadline: '1ms' }, { ...waiting, observedGeneration: 0 }],
    ['is recorded for an initial count', { deadline: '1h', initialCount: 3 }, undefined],
  ])('%s in one write, without an Event', (_what, spec, status) => {
    const decision = reconcile(group(spec, status), at(0));
    expect(decision).toMatchObject({ kind: 'write', events: [] });
    expect(written(decision)).toMatchObject({ counter: 3, startedAt: START, observedGeneration: 1 });
    expect(reconcile(group(spec, written(decision)), at(0)).kind).toBe('none');
  });

  it.each<[string, WaitGroup['spec'], WaitGroupStatus]>([
    ['without a deadline', { ttl: '0s' }, waiting],
    ['while no work is outstanding', { deadline: '1h' }, buildStatus({ observedGeneration: 1 })],
    ['after the round has failed', { deadline: '1h' }, { ...failed, failedAt: START }],
  ])('is not recorded %s', (_when, spec, status) => {
    expect(reconcile(group(spec, status), at(0))).toEqual({ kind: 'none' });
  });

  it.each([
    ['in the future', TOLERANCE_MS + 1],
    ['before the creation', -HOUR_MS - TOLERANCE_MS - 1],
  ])('%s is corrected, so that the deadline starts now', (_name, startedMs) => {
    const startedAt = new Date(START_MS + startedMs).toISOString();
    const decision = reconcile(group({ deadline: '1s' }, { ...waiting, startedAt }), at(0));
    const message = `status.startedAt was ${startedAt}, which is in the future or before the creation; the deadline starts now`;
    expect(decision).toMatchObject({ status: { startedAt: START }, events: [{ reason: 'Corrected', message }] });
    expect(written(decision)).not.toHaveProperty('outcome');
  });

  it.each([TOLERANCE_MS, -HOUR_MS])('by the clock of another API server is kept: %d ms away', (startedMs) => {
    const startedAt = new Date(START_MS + startedMs).toISOString();
    expect(reconcile(group({ deadline: '720h' }, { ...waiting, startedAt }), at(0)).kind).toBe('none');
  });
});

describe('a deadline', () => {
  it.each([
    ['5m', 0, HOUR_MS / 12],
    ['1h', HOUR_MS - 1, 1],
    ['1500us', 1, 0.5],
    ['720h', 0, 600_000],
  ])(
    'of %s lets work be outstanding for %d ms, and is due again after %d ms',
    (deadline, elapsedMs, requeueAfterMs) => {
      expect(reconcile(group({ deadline }, started), at(elapsedMs))).toEqual({ kind: 'none', requeueAfterMs });
    },
  );

  it.each([
    ['5m', HOUR_MS / 12],
    ['1h', HOUR_MS],
    ['1ns', 0],
    ['1h', 100 * HOUR_MS],
  ])('of %s fails the round after %d ms, in one write, and is reported in an Event', (deadline, elapsedMs) => {
    const decision = reconcile(group({ deadline }, started), at(elapsedMs));
    const now = at(elapsedMs).time;
    const message = `Work was outstanding longer than the deadline of ${deadline}; the counter was 3`;
    const expected = failRound(started, { reason: 'DeadlineExceeded', message }, now);
    expect(decision).toEqual({
      kind: 'write',
      status: { ...expected, failedAt: now.toISOString() },
      events: [{ type: 'Warning', reason: 'DeadlineExceeded', message, dedupeKey: '1' }],
    });
    expect(reconcile(group({ deadline }, written(decision)), at(elapsedMs))).toEqual({ kind: 'none' });
  });

  it('that is shortened into the past fails the round in the write that observes the change', () => {
    const decision = reconcile(group({ deadline: '1s' }, { ...started, observedGeneration: 0 }), at(1_000));
    expect(written(decision)).toMatchObject({ outcome: 'Failed', observedGeneration: 1 });
  });

  it.each<[string, WaitGroup['spec']]>([
    ['removed', {}],
    ['extended', { deadline: '1h' }],
    ['not a duration', { deadline: 'soon' }],
  ])('that is %s fails nothing', (_what, spec) => {
    expect(reconcile(group(spec, started), at(1_000)).kind).toBe('none');
  });

  it('that passes after the last done fails nothing', () => {
    const { status = started } = applyOperation(group({}, started), buildOperation(-3), new Date(START_MS));
    expect(written(reconcile(group({ deadline: '1s' }, status), at(HOUR_MS)))).toMatchObject({ outcome: 'Succeeded' });
  });

  it('of the next round starts with it', () => {
    const { status = started } = applyOperation(group({}, started), buildOperation(-3, 1), new Date(START_MS));
    expect(written(reconcile(group({ deadline: '1s' }, status), at(HOUR_MS)))).toMatchObject({
      startedAt: at(HOUR_MS).time.toISOString(),
    });
  });

  describe('whose start this process observed', () => {
    const due = (elapsedMs: number, deadlineElapsedMs: number) =>
      reconcile(group({ deadline: '1h' }, started), at(elapsedMs, { deadlineElapsedMs }));

    it("fails nothing when the API server's clock jumps ahead, or startedAt is forged", () => {
      expect(due(24 * HOUR_MS, HOUR_MS - 1_000)).toEqual({ kind: 'none', requeueAfterMs: 1_000 });
    });

    it("fails nothing when the API server's clock is set back", () => {
      expect(due(-TOLERANCE_MS, HOUR_MS)).toEqual({ kind: 'none', requeueAfterMs: 600_000 });
    });

    it('fails the round when it has passed by both clocks', () => {
      expect(written(due(HOUR_MS, HOUR_MS))).toMatchObject({ outcome: 'Failed' });
    });
  });
});

describe('a failure that a client recorded', () => {
  it('gets its time, and is reported in an Event', () => {
    expect(reconcile(group({}, failed), at(500))).toEqual({
      kind: 'write',
      status: { ...failed, failedAt: at(500).time.toISOString() },
      events: [
        {
          ...{ type: 'Warning', reason: 'Failed', dedupeKey: '1' },
          message: 'DiskFull: no space left, by worker-3',
        },
      ],
    });
  });

  it('of nobody in particular is reported without a name', () => {
    const status = failRound(waiting, { reason: 'DiskFull', message: 'no space left' }, new Date(START_MS));
    expect(reconcile(group({}, status), at(0))).toMatchObject({ events: [{ message: 'DiskFull: no space left' }] });
  });

  it('keeps its first time, and is not reported again, although its work completes', () => {
    const status = { ...failed, failedAt: START };
    const { status: fallen = status } = applyOperation(group({}, status), buildOperation(-3), new Date(START_MS));
    const decision = reconcile(group({}, fallen), at(500));
    expect(decision).toEqual({
      kind: 'write',
      status: { ...fallen, completedAt: at(500).time.toISOString() },
      events: [],
    });
  });

  it('together with the last done gets both times in one write', () => {
    const operation = { ...buildOperation(-3), failure };
    const { status = waiting } = applyOperation(group({}, waiting), operation, new Date(START_MS));
    expect(reconcile(group({}, status), at(0))).toMatchObject({
      status: { completedAt: START, failedAt: START, outcome: 'Failed' },
      events: [{ reason: 'Failed' }],
    });
  });

  it('in a later round is another Event', () => {
    const { status = failed } = applyOperation(group({}, failed), buildOperation(-3, 1), new Date(START_MS));
    const again = failRound(status, failure, new Date(START_MS));
    expect(reconcile(group({}, again), at(0))).toMatchObject({ events: [{ reason: 'Failed', dedupeKey: '2' }] });
  });

  it('whose time is impossible is corrected', () => {
    const decision = reconcile(group({ ttl: '1s' }, { ...failed, failedAt: '1970-01-01T00:00:00Z' }), at(0));
    expect(decision).toMatchObject({ status: { failedAt: START }, events: [{ reason: 'Corrected' }] });
  });

  it('without its conditions, as written by hand, gets them', () => {
    const { conditions } = waiting;
    const status = written(reconcile(group({}, { ...failed, ...(conditions && { conditions }) }), at(0)));
    expect(status.conditions?.map(({ type }) => type)).toEqual(['Done', 'Failed', 'Stalled']);
  });
});

describe('the TTL of a failed round', () => {
  const status = { ...failed, failedAt: START };
  const fallen = { ...status, counter: 0, phase: 'Done' as const, completions: 1 };

  it('starts at the failure, although work is outstanding', () => {
    expect(reconcile(group({ ttl: '5m' }, status), at(1))).toEqual({ kind: 'none', requeueAfterMs: 299_999 });
    expect(reconcile(group({ ttl: '5m' }, status), at(300_000))).toEqual({
      kind: 'delete',
      events: [
        {
          ...{ type: 'Normal', reason: 'Expired', dedupeKey: START },
          message: `TTL of 5m after failure at ${START} expired`,
        },
      ],
    });
  });

  it('does not start again at the completion', () => {
    const completed = written(reconcile(group({ ttl: '5m' }, fallen), at(299_999)));
    expect(completed.completedAt).toBe(at(299_999).time.toISOString());
    expect(reconcile(group({ ttl: '5m' }, completed), at(300_000)).kind).toBe('delete');
  });

  it('ends by both clocks where this process observed the failure', () => {
    const decision = reconcile(group({ ttl: '5m' }, status), at(HOUR_MS, { ttlElapsedMs: 299_000 }));
    expect(decision).toEqual({ kind: 'none', requeueAfterMs: 1_000 });
  });
});
