import { hasDeadlineStarted, hasTtlStarted, StartClock } from '@konductor/operator';
import { describe, expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';

const TIME = '2026-01-02T03:59:00.000Z';
const outstanding = buildStatus({ counter: 1, added: 1 });
const withTime = (field: 'completedAt' | 'failedAt' | 'startedAt') =>
  buildWaitGroup({ status: { ...outstanding, [field]: TIME } });

describe('StartClock', () => {
  const before = buildWaitGroup({ status: outstanding });
  const started = withTime('startedAt');

  it('measures from the first time when a WaitGroup has its start', () => {
    let nowMs = 100;
    const clock = new StartClock(hasDeadlineStarted, () => nowMs);
    expect(clock.observe(started)).toBeUndefined();
    for (const waitGroup of [before, buildWaitGroup()]) {
      nowMs += 50;
      expect(clock.observe(waitGroup)).toBe(0);
    }
    // Nothing was observed for long: the status may say that it started at the beginning of that time.
    nowMs += 250;
    expect(clock.observe(started)).toBe(0);
    nowMs += 100;
    expect(clock.observe(started)).toBe(100);
    clock.forget('uid-1');
    expect(clock.observe(started)).toBeUndefined();
  });

  it('measures the next round from its own start', () => {
    let nowMs = 0;
    const clock = new StartClock(hasDeadlineStarted, () => nowMs);
    for (const waitGroup of [before, started]) clock.observe(waitGroup);
    nowMs += 100;
    for (const waitGroup of [before, started]) expect(clock.observe(waitGroup)).toBe(0);
  });

  it('uses the monotonic clock by default', () => {
    const clock = new StartClock(hasDeadlineStarted);
    clock.observe(before);
    expect(clock.observe(started)).toBeGreaterThanOrEqual(0);
  });
});

it('a TTL starts with the completion or the failure, a deadline with the start of the round', () => {
  const fields = ['completedAt', 'failedAt', 'startedAt'] as const;
  expect(fields.map((field) => hasTtlStarted(withTime(field)))).toEqual([true, true, false]);
  expect(fields.map((field) => hasDeadlineStarted(withTime(field)))).toEqual([false, false, true]);
  for (const hasStarted of [hasTtlStarted, hasDeadlineStarted]) expect(hasStarted(buildWaitGroup())).toBe(false);
});
