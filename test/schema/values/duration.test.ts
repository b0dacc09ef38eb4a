import { parseDuration } from '@konductor/schema';
import { describe, expect, it } from 'vitest';

const MICROSECOND = 1_000n;
const MILLISECOND = 1_000n * MICROSECOND;
const SECOND = 1_000n * MILLISECOND;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const MAX = 2n ** 63n - 1n;

describe('parseDuration', () => {
  // Mostly the table of Go's own test: https://github.com/golang/go/blob/master/src/time/time_test.go
  it.each([
    ['0 -0 +0 0s -0s', 0n],
    ['1.0s 1.00s 000000000000000000000001s', SECOND],
    ['5s +5s 5.0s 5.s', 5n * SECOND],
    ['30s', 30n * SECOND],
    ['1478s', 1478n * SECOND],
    ['-5s', -5n * SECOND],
    ['5.6s', 5600n * MILLISECOND],
    ['.5s', 500n * MILLISECOND],
    ['1.004s 1.0040s', 1004n * MILLISECOND],
    ['100.00100s', 100_001n * MILLISECOND],
    ['10ns', 10n],
    ['11us', 11n * MICROSECOND],
    ['12\u00b5s 12\u03bcs', 12n * MICROSECOND],
    ['13ms', 13n * MILLISECOND],
    ['14s', 14n * SECOND],
    ['15m', 15n * MINUTE],
    ['0.100000000000000000000h', 6n * MINUTE],
    ['16h', 16n * HOUR],
    ['1.5h 1h30m 30m1h', 90n * MINUTE],
    ['1s1s', 2n * SECOND],
    ['3h30m', 210n * MINUTE],
    ['10.5s4m', 4n * MINUTE + 10_500n * MILLISECOND],
    ['-2m3.4s', -(2n * MINUTE + 3400n * MILLISECOND)],
    ['1h2m3s4ms5us6ns', HOUR + 2n * MINUTE + 3n * SECOND + 4n * MILLISECOND + 5n * MICROSECOND + 6n],
    ['39h9m14.425s', 39n * HOUR + 9n * MINUTE + 14_425n * MILLISECOND],
    ['52763797000ns', 52_763_797_000n],
    ['9007199254740993ns', 2n ** 53n + 1n],
    ['9223372036854775807ns 9223372036854775.807us 9223372036s854ms775us807ns', MAX],
    ['-9223372036854775808ns -9223372036854775.808us', -MAX - 1n],
    // Rests of a nanosecond are cut off; Go's floating point rounds the third and the fourth up.
    ['0.9ns -0.9ns', 0n],
    ['1.0000000009s', SECOND],
    ['0.3333333333333333333h', 20n * MINUTE - 1n],
    ['0.830103483285477580700h', 49n * MINUTE + 48_372_539_827n],
  ])('reads each of "%s" as %d ns', (texts, nanoseconds) => {
    for (const text of texts.split(' '))
      expect({ text, ...parseDuration(text) }).toEqual({ text, ok: true, nanoseconds });
  });

  const invalid =
    '|3|-|+|s|.|-.|.s|+.s|1d|1w|1 h| 1h|1h |1h\n|1H|1Ms|--1h|+-1h|1h-1m|1..5h|1.5.5h|1,5h|1e3s|0x1s|00|0.0|1h30|1hm|h1|' +
    '１h|1toString|Infinity|\u{85}\u{85}|\uffff|hello \uffff world';
  it.each(invalid.split('|'))('rejects %j and says how a duration is written', (text) => {
    const message = `${JSON.stringify(text)} is not a valid duration; use a format like 1h30m, 90s or 500ms, with h as the largest unit`;
    expect(parseDuration(text)).toEqual({ ok: false, message });
  });

  it.each([
    '9223372036854775808ns',
    '9223372036854775.808us',
    '9223372036854ms775us808ns',
    '-9223372036854775809ns',
    '2562048h',
    '-2562048h',
    '3000000h',
    '9999999999999999999999h',
  ])('rejects %j, which is more than int64 nanoseconds hold, and says the limit', (text) => {
    const message = `${JSON.stringify(text)} is too long; the maximum duration is 2562047h`;
    expect(parseDuration(text)).toEqual({ ok: false, message });
  });
});
