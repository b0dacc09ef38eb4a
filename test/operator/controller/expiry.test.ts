import { CompletionClock, type Now, reconcile, untilExpiryMs } from '@konductor/operator';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';

const COMPLETED_AT = Date.parse('2026-01-02T03:59:00.000Z');
const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;

const group = (ttl: string | undefined, generation = 1) =>
  buildWaitGroup({
    metadata: { generation },
    spec: ttl === undefined ? {} : { ttl },
    status: {
      ...buildStatus({ counter: 0, added: 3, completions: 1, observedGeneration: 1 }),
      completedAt: new Date(COMPLETED_AT).toISOString(),
    },
  });
const elapsed = (elapsedMs: number, sinceCompletionMs?: number): Now => ({
  wall: new Date(COMPLETED_AT + elapsedMs),
  sinceCompletionMs,
});

describe('a completed WaitGroup', () => {
  it.each([
    ['5m', 0, TEN_MINUTES_MS / 2],
    ['1h', HOUR_MS - 1, 1],
    ['1h5m', HOUR_MS, TEN_MINUTES_MS / 2],
    ['500ms', 100, 400],
    ['1500us', 1, 0.5],
    ['720h', 30 * 24 * HOUR_MS - 1, 1],
  ])('with ttl %s is kept %d ms after its completion, and requeued after %d ms', (ttl, elapsedMs, requeueAfterMs) => {
    expect(reconcile(group(ttl), elapsed(elapsedMs))).toEqual({ kind: 'none', requeueAfterMs });
  });

  it.each([
    ['11m', 0],
    ['720h', 0],
    ['2562047h', HOUR_MS],
    ['1s', -HOUR_MS],
  ])(
    'with ttl %s, %d ms after its completion, is requeued after ten minutes, in case a wrong clock is corrected',
    (ttl, elapsedMs) => {
      expect(reconcile(group(ttl), elapsed(elapsedMs))).toEqual({ kind: 'none', requeueAfterMs: TEN_MINUTES_MS });
    },
  );

  it.each([
    ['0s', 0],
    ['0', 0],
    ['500ms', 500],
    ['500ms', 501],
    ['1h', HOUR_MS],
    ['1h', 100 * HOUR_MS],
    ['720h', 720 * HOUR_MS],
  ])('with ttl %s is deleted %d ms after its completion', (ttl, elapsedMs) => {
    expect(reconcile(group(ttl), elapsed(elapsedMs))).toMatchObject({ kind: 'delete' });
  });

  it('is deleted with an Event that gives the reason', () => {
    const message = 'TTL of 1h after completion at 2026-01-02T03:59:00.000Z expired';
    const events = [{ type: 'Normal', reason: 'Expired', message, dedupeKey: '2026-01-02T03:59:00.000Z' }];
    expect(reconcile(group('1h'), elapsed(HOUR_MS))).toEqual({ kind: 'delete', events });
  });

  it('whose ttl has changed is deleted after the new one, once the new generation is observed', () => {
    expect(reconcile(group('1s', 2), elapsed(HOUR_MS))).toMatchObject({
      kind: 'write',
      status: { observedGeneration: 2 },
    });
    expect(reconcile(group('1s'), elapsed(HOUR_MS))).toMatchObject({ kind: 'delete' });
    expect(reconcile(group('2h'), elapsed(HOUR_MS))).toMatchObject({ kind: 'none' });
  });
});

describe('a WaitGroup whose completion this process recorded', () => {
  it('is kept when the wall clock jumps ahead', () => {
    const decision = reconcile(group('1h'), elapsed(24 * HOUR_MS, HOUR_MS - 1_000));
    expect(decision).toEqual({ kind: 'none', requeueAfterMs: 1_000 });
  });

  it('is kept when the wall clock is set back', () => {
    expect(reconcile(group('1h'), elapsed(-HOUR_MS, HOUR_MS))).toMatchObject({ kind: 'none' });
  });

  it('is deleted when its ttl has expired by both clocks', () => {
    expect(reconcile(group('1h'), elapsed(HOUR_MS, HOUR_MS))).toMatchObject({ kind: 'delete' });
  });
});

describe('untilExpiryMs', () => {
  it.each([
    ['1h', 0, HOUR_MS],
    ['720h', 0, 720 * HOUR_MS],
    ['2562047h', HOUR_MS, 2_562_046 * HOUR_MS],
    ['1h', -HOUR_MS, 2 * HOUR_MS],
  ])('counts from the completion: with ttl %s, %d ms after it, %d ms are left', (ttl, elapsedMs, leftMs) => {
    expect(untilExpiryMs(group(ttl), elapsed(elapsedMs))).toBe(leftMs);
  });

  it.each([
    ['without a ttl', group(undefined)],
    ['with an invalid ttl', group('1d')],
    ['without a completion', buildWaitGroup({ spec: { ttl: '1s' }, status: buildStatus({ counter: 1, added: 1 }) })],
    ['without a status', buildWaitGroup({ spec: { ttl: '1s' } })],
  ])('is undefined %s: it never expires', (_name, waitGroup) => {
    expect(untilExpiryMs(waitGroup, elapsed(HOUR_MS))).toBeUndefined();
  });
});

describe('CompletionClock', () => {
  let nowMs = 100;
  const clock = new CompletionClock(() => nowMs);
  const [first, second] = ['2026-01-02T03:59:00.000Z', '2026-01-02T03:59:30.000Z'];

  it('measures from the moment when a completion was recorded', () => {
    clock.record('uid-1', first);
    nowMs = 350;
    expect(clock.sinceCompletionMs('uid-1', first)).toBe(250);
  });

  it.each([
    ['another completion of the WaitGroup', 'uid-1', second],
    ['no completion', 'uid-1', undefined],
    ['another WaitGroup', 'uid-2', first],
  ])('knows nothing of %s', (_name, uid, completedAt) => {
    expect(clock.sinceCompletionMs(uid, completedAt)).toBeUndefined();
  });

  it('forgets a deleted WaitGroup', () => {
    clock.forget('uid-1');
    expect(clock.sinceCompletionMs('uid-1', first)).toBeUndefined();
  });

  it('uses the monotonic clock by default', () => {
    const running = new CompletionClock();
    running.record('uid-1', first);
    expect(running.sinceCompletionMs('uid-1', first)).toBeGreaterThanOrEqual(0);
  });
});

it('keeps a WaitGroup whose completedAt is not a date', () => {
  const metadata = { name: 'group' };
  const status = { counter: 0, phase: 'Done' as const, completedAt: '2027-01-01T00:00:00+24:00' };
  const group = {
    apiVersion: 'konductor.io/v1' as const,
    kind: 'WaitGroup' as const,
    metadata,
    spec: { ttl: '1s' },
    status,
  };
  expect(untilExpiryMs(group, { wall: new Date() })).toBeUndefined();
});
