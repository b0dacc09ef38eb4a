import { describe, expect, it } from 'vitest';
import { formatAge, formatAgo, formatSeconds } from '../../../cli/src/output/age.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe('formatSeconds', () => {
  // The table of k8s.io/apimachinery/pkg/util/duration's own test, in seconds.
  it.each([
    [0, '0s'],
    [1, '1s'],
    [70, '70s'],
    [119, '119s'],
    [2 * MINUTE, '2m'],
    [3 * MINUTE + 10, '3m10s'],
    [10 * MINUTE - 1, '9m59s'],
    [10 * MINUTE, '10m'],
    [10 * MINUTE + 59, '10m'],
    [3 * HOUR - 1, '179m'],
    [3 * HOUR, '3h'],
    [3 * HOUR + MINUTE, '3h1m'],
    [8 * HOUR - 1, '7h59m'],
    [8 * HOUR, '8h'],
    [2 * DAY - 1, '47h'],
    [2 * DAY, '2d'],
    [2 * DAY + HOUR, '2d1h'],
    [8 * DAY - 1, '7d23h'],
    [8 * DAY, '8d'],
    [2 * YEAR - 1, '729d'],
    [2 * YEAR, '2y'],
    [2 * YEAR + DAY, '2y1d'],
    [8 * YEAR - 1, '7y364d'],
    [8 * YEAR, '8y'],
  ])('writes %d seconds like kubectl: %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('formatAge', () => {
  const NOW = new Date('2026-01-02T03:04:05.900Z');

  it.each([
    ['2026-01-02T03:04:05Z', '0s'],
    ['2026-01-02T03:02:05Z', '2m'],
    ['2026-01-02T03:04:06Z', '0s'],
    ['2026-01-02T03:05:00Z', '<invalid>'],
    ['nonsense', '<invalid>'],
    ['0001-01-01T00:00:00Z', '<unknown>'],
    ['1970-01-01T00:00:00Z', '56y'],
  ])('%s is %s old', (time, age) => {
    expect(formatAge(time, NOW)).toBe(age);
  });
});

describe('formatAgo', () => {
  it.each([
    ['2026-01-02T03:59:00Z', '60s ago'],
    ['2026-01-02T04:00:01Z', '0s ago'],
    ['2026-01-02T04:05:00Z', '2026-01-02T04:05:00Z'],
    ['0001-01-01T00:00:00Z', 'at an unknown time'],
  ])('writes %s as %s', (time, words) => {
    expect(formatAgo(time, new Date('2026-01-02T04:00:00Z'))).toBe(words);
  });
});
