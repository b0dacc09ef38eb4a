import { describe, expect, it } from 'vitest';
import { ConflictBackoff } from '../../../../client/src/wait-group/counting/conflict-backoff.ts';

const ALMOST_ONE = 1 - Number.EPSILON;

/** The longest delays that may follow rejected writes of these lengths. */
function longestDelays(...writesMs: number[]): number[] {
  const backoff = new ConflictBackoff(() => ALMOST_ONE);
  return writesMs.map((writeMs) => Math.round(backoff.next(writeMs, Infinity)));
}

describe('ConflictBackoff', () => {
  it('spreads the first delay over four times what the rejected write took', () => {
    expect(longestDelays(10)).toEqual([40]);
    expect(new ConflictBackoff(() => 0.5).next(10, Infinity)).toBe(20);
  });

  it('may not wait at all: the jitter is full', () => {
    expect(new ConflictBackoff(() => 0).next(10, Infinity)).toBe(0);
  });

  it('widens by what each further write takes: much in a crowd, little once it has thinned', () => {
    expect(longestDelays(10, 100, 10)).toEqual([40, 440, 480]);
  });

  it('takes a write of a minute for an API server that stood still, not for a crowd', () => {
    expect(longestDelays(60_000)).toEqual([40_000]);
  });

  it.each([
    ['halves what remains rather than to outlast it', 2_000, 1_000],
    ['outlasts it when exactly four more attempts fit into half of it', 1_600, 3_999],
    ['outlasts it when another attempt might be cut off on its way', 1_500, 3_999],
  ])('%s', (_, remainingMs, delayMs) => {
    const backoff = new ConflictBackoff(() => ALMOST_ONE);
    backoff.next(900, Infinity);
    expect(Math.floor(backoff.next(100, remainingMs))).toBe(delayMs);
  });
});
