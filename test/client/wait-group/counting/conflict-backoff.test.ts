import { describe, expect, it } from 'vitest';
import { ConflictBackoff } from '../../../../client/src/wait-group/counting/conflict-backoff.ts';

const ALMOST_ONE = 1 - Number.EPSILON;
/** An attempt of this length, of which the write took three quarters. */
const lasting = (attemptMs: number) => ({ attemptMs, writeMs: 0.75 * attemptMs });

/** The longest delays that may follow attempts of these lengths. */
function longestDelays(...attemptsMs: number[]): number[] {
  const backoff = new ConflictBackoff(() => ALMOST_ONE);
  return attemptsMs.map((attemptMs) => Math.round(backoff.next(lasting(attemptMs), Infinity)));
}

describe('ConflictBackoff', () => {
  it('spreads the first delay over five times what the rejected write took, however long the read before it', () => {
    expect(longestDelays(40)).toEqual([150]);
    expect(new ConflictBackoff(() => 0.5).next({ attemptMs: 3_000, writeMs: 10 }, Infinity)).toBe(25);
  });

  it('may not wait at all: the jitter is full', () => {
    expect(new ConflictBackoff(() => 0).next(lasting(10), Infinity)).toBe(0);
  });

  it('widens by three times what each further attempt takes: much in a crowd, little once it has thinned', () => {
    expect(longestDelays(40, 100, 10)).toEqual([150, 450, 480]);
  });

  it('takes an attempt of a minute for an API server that stood still, not for a crowd', () => {
    expect(longestDelays(60_000, 60_000)).toEqual([50_000, 80_000]);
  });

  it.each([
    ['halves what remains rather than to outlast it', 2_000, 1_000],
    ['outlasts it when exactly four more attempts fit into half of it', 800, 3_300],
    ['outlasts it when another attempt might be cut off on its way', 700, 3_300],
  ])('%s', (_, remainingMs, delayMs) => {
    const backoff = new ConflictBackoff(() => ALMOST_ONE);
    backoff.next({ attemptMs: 900, writeMs: 600 }, Infinity);
    expect(Math.round(backoff.next(lasting(100), remainingMs))).toBe(delayMs);
  });
});
