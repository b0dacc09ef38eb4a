import { type Now, reconcile, untilExpiryMs } from '@konductor/operator';
import type { WaitGroup } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';

const COMPLETED_AT = Date.parse('2026-01-02T03:59:00.000Z');
const HOUR_MS = 3_600_000;
const TEN_MINUTES_MS = 600_000;
const TOLERANCE_MS = 60_000;

const group = (ttl: string | undefined, generation = 1) =>
  buildWaitGroup({
    metadata: { generation },
    spec: ttl === undefined ? {} : { ttl },
    status: {
      ...buildStatus({ counter: 0, added: 3, completions: 1, outcome: 'Succeeded', observedGeneration: 1 }),
      completedAt: new Date(COMPLETED_AT).toISOString(),
    },
  });
const elapsed = (elapsedMs: number, ttlElapsedMs?: number): Now => ({
  time: new Date(COMPLETED_AT + elapsedMs),
  ttlElapsedMs,
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

describe('a WaitGroup whose completion this process observed', () => {
  it("is kept when the API server's clock jumps ahead, or completedAt is forged", () => {
    const decision = reconcile(group('1h'), elapsed(24 * HOUR_MS, HOUR_MS - 1_000));
    expect(decision).toEqual({ kind: 'none', requeueAfterMs: 1_000 });
  });

  it("is kept when the API server's clock is set back a little", () => {
    expect(reconcile(group('1h'), elapsed(-TOLERANCE_MS, HOUR_MS))).toMatchObject({ kind: 'none' });
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

describe('completedAt', () => {
  const created = { creationTimestamp: new Date(COMPLETED_AT - HOUR_MS).toISOString() };
  const completed = (completedAtMs: number) => {
    const { status, ...waitGroup } = group('1s');
    const completedAt = new Date(completedAtMs).toISOString();
    return {
      ...waitGroup,
      metadata: { ...waitGroup.metadata, ...created },
      status: { ...status, completedAt },
    } as WaitGroup;
  };

  it.each([
    ['in the future', COMPLETED_AT + TOLERANCE_MS + 1],
    ['at the end of time', Date.parse('9999-12-31T23:59:59Z')],
    ['before the creation', COMPLETED_AT - HOUR_MS - TOLERANCE_MS - 1],
    ['at the beginning of time', 0],
  ])('%s is corrected, so that the TTL starts now', (_name, completedAtMs) => {
    expect(reconcile(completed(completedAtMs), elapsed(0))).toMatchObject({
      kind: 'write',
      status: { completedAt: new Date(COMPLETED_AT).toISOString() },
      events: [
        {
          type: 'Warning',
          reason: 'Corrected',
          message: expect.stringContaining('which is in the future or before the creation'),
        },
      ],
    });
  });

  it.each([
    ['by the clock of another API server', COMPLETED_AT + TOLERANCE_MS],
    ['since the creation', COMPLETED_AT - HOUR_MS],
  ])('%s is kept', (_name, completedAtMs) => {
    expect(reconcile(completed(completedAtMs), elapsed(0))).not.toMatchObject({ kind: 'write' });
  });

  it("is kept once written, although the API server's clock was set back since the creation", () => {
    const writtenAt = COMPLETED_AT - 2 * HOUR_MS;
    expect(reconcile(completed(writtenAt), elapsed(1 - 2 * HOUR_MS))).not.toMatchObject({ kind: 'write' });
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
  expect(untilExpiryMs(group, { time: new Date() })).toBeUndefined();
});
