import { formatDuration, parseDuration } from '@konductor/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const MICROSECOND = 1_000n;
const MILLISECOND = 1_000n * MICROSECOND;
const SECOND = 1_000n * MILLISECOND;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const MAX = 2n ** 63n - 1n;

describe('formatDuration', () => {
  // The table of Go's own test of String().
  it.each([
    [0n, '0s'],
    [1n, '1ns'],
    [1100n, '1.1µs'],
    [2_200_000n, '2.2ms'],
    [3_300_000_000n, '3.3s'],
    [4n * MINUTE + 5n * SECOND, '4m5s'],
    [4n * MINUTE + 5001n * MILLISECOND, '4m5.001s'],
    [5n * HOUR + 6n * MINUTE + 7001n * MILLISECOND, '5h6m7.001s'],
    [8n * MINUTE + 1n, '8m0.000000001s'],
    [HOUR, '1h0m0s'],
    [720n * HOUR, '720h0m0s'],
    [999n, '999ns'],
    [MICROSECOND, '1µs'],
    [MILLISECOND - 1n, '999.999µs'],
    [SECOND - 1n, '999.999999ms'],
    [SECOND, '1s'],
    [MINUTE, '1m0s'],
    [-1n, '-1ns'],
    [-90n * MINUTE, '-1h30m0s'],
    [MAX, '2562047h47m16.854775807s'],
    [-MAX - 1n, '-2562047h47m16.854775808s'],
  ])('writes %d ns as %s', (nanoseconds, text) => {
    expect(formatDuration(nanoseconds)).toBe(text);
  });

  it('writes what parseDuration reads as the same number, over all of int64', () => {
    const int64 = fc.bigInt({ min: -MAX - 1n, max: MAX });
    const near = fc.bigInt({ min: -4n * HOUR, max: 4n * HOUR });
    fc.assert(
      fc.property(fc.oneof(int64, near), (nanoseconds) => {
        expect(parseDuration(formatDuration(nanoseconds))).toEqual({ ok: true, nanoseconds });
      }),
    );
  });
});
