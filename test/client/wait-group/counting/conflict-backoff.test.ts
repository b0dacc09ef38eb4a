import { describe, expect, it } from 'vitest';
import { ConflictBackoff } from '../../../../client/src/wait-group/counting/conflict-backoff.ts';

const ALMOST_ONE = 1 - Number.EPSILON;

/** The longest delays that may follow attempts of these lengths. */
function longestDelays(...attemptsMs: number[]): number[] {
  const backoff = new ConflictBackoff(() => ALMOST_ONE);
  return attemptsMs.map((attemptMs) => Math.round(backoff.next(attemptMs, Infinity)));
}

describe('ConflictBackoff', () => {
  it('spreads the first delay over three times what the attempt took', () => {
    expect(longestDelays(10)).toEqual([30]);
    expect(new ConflictBackoff(() => 0.5).next(10, Infinity)).toBe(15);
  });

  it('may not wait at all: the jitter is full', () => {
    expect(new ConflictBackoff(() => 0).next(10, Infinity)).toBe(0);
  });

  it('widens by what each further attempt takes: much in a crowd, little once it has thinned', () => {
    expect(longestDelays(10, 100, 10)).toEqual([30, 330, 360]);
  });

  it('takes an attempt of a minute for an API server that stood still, not for a crowd', () => {
    expect(longestDelays(60_000)).toEqual([30_000]);
  });

  it.each([
    ['halves what remains rather than to outlast it', 1_000, 500],
    ['outlasts it when exactly four more attempts fit into half of it', 800, 2_999],
    ['outlasts it when another attempt might be cut off on its way', 700, 2_999],
  ])('%s', (_, remainingMs, delayMs) => {
    const backoff = new ConflictBackoff(() => ALMOST_ONE);
    backoff.next(900, Infinity);
    expect(Math.floor(backoff.next(100, remainingMs))).toBe(delayMs);
  });
});
