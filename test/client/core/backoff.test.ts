import { Backoff } from '@konductor/client';
import { describe, expect, it } from 'vitest';

const ALMOST_ONE = 1 - Number.EPSILON;
const OPTIONS = { initialMs: 100, maxMs: 1_000 };

function delays(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => Math.round(backoff.next()));
}

describe('Backoff', () => {
  it('doubles its ceiling up to the maximum', () => {
    const backoff = new Backoff({ ...OPTIONS, random: () => ALMOST_ONE });
    expect(delays(backoff, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('may return zero, because the jitter is full', () => {
    const backoff = new Backoff({ ...OPTIONS, random: () => 0 });
    expect(delays(backoff, 3)).toEqual([0, 0, 0]);
  });

  it('returns delays from the whole range below the ceiling', () => {
    const samples = Array.from({ length: 500 }, () => new Backoff(OPTIONS).next());
    expect(Math.min(...samples)).toBeGreaterThanOrEqual(0);
    expect(Math.min(...samples)).toBeLessThan(20);
    expect(Math.max(...samples)).toBeLessThan(100);
    expect(Math.max(...samples)).toBeGreaterThan(80);
  });

  it('returns what the server asks for with some jitter, even beyond the maximum, without raising the ceiling', () => {
    const backoff = new Backoff({ ...OPTIONS, random: () => 0.5 });
    expect(delays(backoff, 2)).toEqual([50, 100]);
    expect([backoff.next(5_000), backoff.next(1)]).toEqual([5_050, 51]);
    expect(backoff.ceilingMs).toBe(400);
  });

  it('starts over after a reset', () => {
    const backoff = new Backoff({ ...OPTIONS, random: () => ALMOST_ONE });
    delays(backoff, 4);
    backoff.reset();
    expect(delays(backoff, 2)).toEqual([100, 200]);
  });
});
