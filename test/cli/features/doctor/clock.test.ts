import { describe, expect, it } from 'vitest';
import { describeClocks } from '../../../../cli/src/features/doctor/clock.ts';
import { aheadMs } from '../../../../cli/src/features/doctor/operator-clock.ts';

describe('describeClocks', () => {
  it.each([
    [0, undefined],
    [5_000, 0],
    [-4_900, -5_000],
  ])('accepts differences of %d ms and %d ms', (ownMs, operatorMs) => {
    expect(describeClocks(ownMs, operatorMs)).toEqual({ outcome: 'ok', message: 'in sync with the API server' });
  });

  const advice = 'synchronize both clocks with NTP';
  it.each([
    [60_000, 0, '60 s ahead of the API server: ages are wrong, and tokens may be rejected'],
    [-60_100, 7_200_000, '60 s behind the API server: ages are wrong, and tokens may be rejected'],
    [
      0,
      7_200_000,
      'the clock of the operator is 7200 s ahead of the API server: the times in its logs are wrong, TTLs are not',
    ],
    [
      0,
      -7_200_000,
      'the clock of the operator is 7200 s behind the API server: the times in its logs are wrong, TTLs are not',
    ],
  ])('warns of differences of %d ms and %d ms', (ownMs, operatorMs, message) => {
    expect(describeClocks(ownMs, operatorMs)).toEqual({ outcome: 'warning', message, advice });
  });
});

describe('the clock of the operator, by its Lease,', () => {
  const fieldsV1 = { 'f:spec': { 'f:renewTime': {} } };
  const lease = (renewTime: string | null, time?: string) => ({
    metadata: { managedFields: [{ time: '2026-01-01T00:00:00Z' }, { fieldsV1, ...(time && { time }) }] },
    spec: { renewTime },
  });

  it.each<[string, string | null, string | undefined, number | undefined]>([
    ['is ahead by less than the resolution', '2026-01-02T03:04:05.900000Z', '2026-01-02T03:04:05Z', 0],
    ['is ahead', '2026-01-02T05:04:06.000000Z', '2026-01-02T03:04:05Z', 7_200_000],
    ['is behind', '2026-01-02T01:04:05.000000Z', '2026-01-02T03:04:05Z', -7_200_000],
    ['is unknown before the first renewal', null, '2026-01-02T03:04:05Z', undefined],
    ['is unknown without the time of the write', '2026-01-02T03:04:05.000000Z', undefined, undefined],
  ])('%s', (_title, renewTime, time, expected) => {
    expect(aheadMs(lease(renewTime, time))).toBe(expected);
  });

  it('is unknown without managedFields', () => {
    expect(aheadMs({ metadata: {} })).toBeUndefined();
  });
});
