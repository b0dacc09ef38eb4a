import {
  type Candidacy,
  decide,
  isLeading,
  type LeaseRecord,
  type Moment,
  observe,
  releasedRecord,
  timesProblem,
  untilNextAttemptMs,
} from '@konductor/operator';
import { describe, expect, it } from 'vitest';

const times = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };
const WALL = new Date('2026-01-02T03:04:05.678Z');
const at = (monotonicMs: number): Moment => ({ monotonicMs, wall: WALL });

const record = (overrides: Partial<LeaseRecord> = {}): LeaseRecord => ({
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000Z',
  renewTime: '2026-01-01T00:00:00.000Z',
  leaseTransitions: 3,
  ...overrides,
});
/** The candidate `self`, which observed this record change at moment 100,000. */
const candidacy = (overrides: Partial<LeaseRecord> = {}, renewedAtMs?: number): Candidacy => ({
  identity: 'self',
  times,
  observed: { record: record(overrides), changedAtMs: 100_000 },
  renewedAtMs,
});

describe('a candidate', () => {
  it.each<[string, Candidacy, number, string]>([
    ['creates a lease that does not exist', { identity: 'self', times }, 0, 'hold'],
    ['takes a lease that was released', candidacy({ holderIdentity: '' }), 100_000, 'hold'],
    [
      'takes the lease that it acquired although the response was lost',
      candidacy({ holderIdentity: 'self' }),
      0,
      'hold',
    ],
    ['waits while a lease has just changed', candidacy(), 100_000, 'wait'],
    ['waits until the duration of the lease has passed', candidacy(), 114_999, 'wait'],
    ['takes it when it has not changed for its duration', candidacy(), 115_000, 'hold'],
    ['uses the duration that the holder wrote', candidacy({ leaseDurationSeconds: 60 }), 159_999, 'wait'],
    ['ignores a renewTime in the far past', candidacy({ renewTime: '1970-01-01T00:00:00.000Z' }), 114_999, 'wait'],
    ['ignores a renewTime in the far future', candidacy({ renewTime: '2999-01-01T00:00:00.000Z' }), 115_000, 'hold'],
  ])('%s', (_behaviour, state, moment, kind) => {
    expect(decide(state, at(moment)).kind).toBe(kind);
  });

  it('reports the holder that it waits for', () => {
    expect(decide(candidacy(), at(100_000))).toEqual({ kind: 'wait', holder: 'other' });
  });
});

describe('a leader', () => {
  const own = { holderIdentity: 'self' };
  it.each<[string, Candidacy, number, string]>([
    ['renews its lease', candidacy(own, 100_000), 102_000, 'hold'],
    ['renews its lease even after the deadline', candidacy(own, 100_000), 500_000, 'hold'],
    ['waits when another holds the lease', candidacy({}, 100_000), 102_000, 'wait'],
    ['recreates a deleted lease', { identity: 'self', times, renewedAtMs: 100_000 }, 102_000, 'hold'],
    ['renews a lease whose holder was cleared', candidacy({ holderIdentity: '' }, 100_000), 102_000, 'hold'],
  ])('%s', (_behaviour, state, moment, kind) => {
    expect(decide(state, at(moment)).kind).toBe(kind);
  });

  it.each([
    [109_999, true],
    [110_000, false],
  ])('leads until its deadline, five seconds before another candidate may: at %d', (moment, leads) => {
    expect(isLeading(candidacy(own, 100_000), at(moment))).toBe(leads);
  });
});

describe('the record', () => {
  const written = (state: Candidacy, moment: number) => {
    const decision = decide(state, at(moment));
    return 'record' in decision ? decision.record : decision;
  };
  const held = { holderIdentity: 'self', leaseDurationSeconds: 15, renewTime: WALL.toISOString() };

  it('of a new lease has no transitions', () => {
    const acquireTime = WALL.toISOString();
    expect(written({ identity: 'self', times }, 0)).toEqual({ ...held, acquireTime, leaseTransitions: 0 });
  });

  it('of a lease that changes its holder counts the transition', () => {
    const acquireTime = WALL.toISOString();
    expect(written(candidacy(), 115_000)).toEqual({ ...held, acquireTime, leaseTransitions: 4 });
  });

  it('of a renewal replaces a missing acquireTime, without which the API server rejects it', () => {
    const renewed = written(candidacy({ holderIdentity: 'self', acquireTime: '' }, 100_000), 102_000);
    expect(renewed).toMatchObject({ acquireTime: WALL.toISOString() });
  });

  it('of a renewal keeps acquireTime', () => {
    const { acquireTime, leaseTransitions } = record();
    const renewed = written(candidacy({ holderIdentity: 'self' }, 100_000), 102_000);
    expect(renewed).toEqual({ ...held, acquireTime, leaseTransitions });
  });

  it('rounds the duration up to whole seconds', () => {
    const state = { identity: 'self', times: { ...times, leaseDurationMs: 1_500 } };
    expect(written(state, 0)).toMatchObject({ leaseDurationSeconds: 2 });
  });

  it('of a released lease has no holder and lasts for a second', () => {
    const now = WALL.toISOString();
    const released = { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now };
    expect(releasedRecord(record(), at(0))).toEqual({ ...released, leaseTransitions: 3 });
  });
});

describe('an observation', () => {
  const first = observe(undefined, record(), at(1_000));

  it('starts when a record is first read', () => {
    expect(first).toEqual({ record: record(), changedAtMs: 1_000 });
  });

  it('continues while the record does not change', () => {
    expect(observe(first, record(), at(9_000))).toEqual(first);
  });

  it.each<[string, Partial<LeaseRecord>]>([
    ['renewed', { renewTime: '2026-01-01T00:00:02.000Z' }],
    ['taken over', { holderIdentity: 'third' }],
  ])('starts again when the record was %s', (_change, change) => {
    expect(observe(first, record(change), at(9_000)).changedAtMs).toBe(9_000);
  });
});

describe('the next attempt', () => {
  it.each([
    ['of a candidate comes after 1 to 2.2 periods: the least', candidacy(), 0, 2_000],
    ['of a candidate comes after 1 to 2.2 periods: the most', candidacy(), 1, 4_400],
    ['of a leader comes after one period', candidacy({}, 100_000), 1, 2_000],
  ])('%s', (_when, state, random, delayMs) => {
    expect(untilNextAttemptMs(state, at(100_000), () => random)).toBe(delayMs);
  });

  it.each([
    [109_500, 500],
    [110_000, 2_000],
    [400_000, 2_000],
  ])(
    'of the last leader is not later than its deadline, then one period later: at %d after %d ms',
    (moment, delayMs) => {
      expect(untilNextAttemptMs(candidacy({}, 100_000), at(moment), Math.random)).toBe(delayMs);
    },
  );
});

it.each([
  [{}, undefined],
  [{ retryPeriodMs: 0 }, 'the retry period must be greater than zero'],
  [{ renewDeadlineMs: 2_400 }, 'the renew deadline must be greater than 1.2 retry periods'],
  [{ leaseDurationMs: 10_000 }, 'the lease duration must be greater than the renew deadline'],
])('rejects times that do not fit together: %j', (wrong, problem) => {
  expect(timesProblem({ ...times, ...wrong })).toBe(problem);
});
