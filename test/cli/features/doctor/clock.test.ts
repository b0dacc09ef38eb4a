import { describe, expect, it } from 'vitest';
import { examineClock } from '../../../../cli/src/features/doctor/clock.ts';

const serverTime = new Date('2026-01-02T03:04:05Z');
const asked = (offsetMs: number, tookMs = 100) => ({
  askedAt: new Date(serverTime.getTime() + offsetMs),
  respondedAt: new Date(serverTime.getTime() + offsetMs + tookMs),
  serverTime,
});

describe('examineClock', () => {
  // The API server's time lacks its fraction of a second.
  it.each([0, 999, -4_900, 5_900])('accepts a difference of up to %d ms', (offsetMs) => {
    expect(examineClock(asked(offsetMs))).toEqual({ outcome: 'ok', message: 'in sync with the API server' });
  });

  it.each([
    [61_000, '60 s ahead of the API server: ages are wrong, and tokens may be rejected'],
    [-60_100, '60 s behind the API server: ages are wrong, and tokens may be rejected'],
  ])('warns of %d ms', (offsetMs, message) => {
    expect(examineClock(asked(offsetMs))).toEqual({
      outcome: 'warning',
      message,
      advice: 'synchronize both clocks with NTP',
    });
  });

  it('does not mistake a slow response for a wrong clock', () => {
    expect(examineClock(asked(-8_000, 9_000)).outcome).toBe('ok');
  });

  it('warns when the API server reports no time', () => {
    expect(examineClock({ ...asked(0), serverTime: undefined }).outcome).toBe('warning');
  });
});
