import { Deadline, formatMs } from '@konductor/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Deadline', () => {
  it('aborts its signal when time runs out, and reports it', () => {
    const deadline = new Deadline(1_000);
    vi.advanceTimersByTime(999);
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([true, true]);
  });

  it('never expires without a timeout', () => {
    const deadline = new Deadline();
    expect(vi.getTimerCount()).toBe(0);
    expect([deadline.signal.aborted, deadline.timeoutMs]).toEqual([false, undefined]);
  });

  it("is aborted by the caller's signal, without being over", () => {
    const controller = new AbortController();
    const deadline = new Deadline(1_000, controller.signal);
    controller.abort(new Error('Ctrl-C'));
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([true, false]);
    expect(deadline.signal.reason).toMatchObject({ message: 'Ctrl-C' });
  });

  it('starts aborted under an aborted signal', () => {
    expect(new Deadline(undefined, AbortSignal.abort()).signal.aborted).toBe(true);
  });

  it('stops its clock and ignores the caller once released', () => {
    const controller = new AbortController();
    const deadline = new Deadline(1_000, controller.signal);
    deadline.release();
    controller.abort();
    vi.advanceTimersByTime(2_000);
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([false, false]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('counts from the given start', () => {
    const deadline = new Deadline(1_000, undefined, performance.now() - 700);
    expect(deadline.elapsedMs()).toBe(700);
    vi.advanceTimersByTime(299);
    expect(deadline.isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(deadline.isOver).toBe(true);
  });

  it('counts from zero after a restart', () => {
    const deadline = new Deadline(1_000);
    vi.advanceTimersByTime(700);
    deadline.restart();
    vi.advanceTimersByTime(999);
    expect(deadline.isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(deadline.isOver).toBe(true);
  });

  it("still follows the caller's signal when its clock is stopped", () => {
    const controller = new AbortController();
    const deadline = new Deadline(1_000, controller.signal);
    deadline.stopClock();
    vi.advanceTimersByTime(2_000);
    expect(deadline.signal.aborted).toBe(false);
    controller.abort();
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([true, false]);
  });

  it('measures on the monotonic clock', () => {
    const deadline = new Deadline(1_000);
    vi.setSystemTime(new Date('2001-01-01'));
    vi.advanceTimersByTime(400);
    expect(deadline.elapsedMs()).toBe(400);
  });
});

describe('formatMs', () => {
  it.each([
    [1e-6, '1ns'],
    [300, '300ms'],
    [1_500, '1.5s'],
    [90_000, '1m30s'],
    [31 * 24 * 3_600_000, '744h0m0s'],
  ])('formats %d like Go: %s', (milliseconds, text) => {
    expect(formatMs(milliseconds)).toBe(text);
  });
});
