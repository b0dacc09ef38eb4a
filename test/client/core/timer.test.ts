import { AbortedError, sleep, startTimer } from '@konductor/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('startTimer', () => {
  it.each([
    ['a second', 1_000],
    ['the longest delay of setTimeout', 2 ** 31 - 1],
    ['one millisecond more', 2 ** 31],
    ['ninety days', 90 * DAY_MS],
  ])('fires once, after %s', (_, delayMs) => {
    const callback = vi.fn();
    startTimer(delayMs, callback);
    vi.advanceTimersByTime(delayMs - 1);
    expect(callback).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(90 * DAY_MS);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each([0, -5])('fires on the next turn after %i ms', (delayMs) => {
    const callback = vi.fn();
    startTimer(delayMs, callback);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['a short', 1_000, 500],
    ['a long, already re-armed', 90 * DAY_MS, 50 * DAY_MS],
  ])('cancels %s timer', (_, delayMs, cancelledAfterMs) => {
    const callback = vi.fn();
    const cancel = startTimer(delayMs, callback);
    vi.advanceTimersByTime(cancelledAfterMs);
    cancel();
    vi.advanceTimersByTime(100 * DAY_MS);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('sleep', () => {
  it('resolves after the delay', async () => {
    const sleeping = sleep(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(sleeping).resolves.toBeUndefined();
  });

  it('rejects at once under an aborted signal', async () => {
    const reason = new Error('enough');
    await expect(sleep(1_000, AbortSignal.abort(reason))).rejects.toMatchObject({
      name: 'AbortedError',
      cause: reason,
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects when the signal is aborted, and leaves no timer', async () => {
    const controller = new AbortController();
    const sleeping = sleep(1_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toBeInstanceOf(AbortedError);
    expect(vi.getTimerCount()).toBe(0);
  });
});
