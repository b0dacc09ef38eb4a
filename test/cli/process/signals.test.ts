import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SignalName, type SignalSource, Signals } from '../../../cli/src/process/signals.ts';

/** A process that records its exit codes. */
class FakeProcess implements SignalSource {
  readonly exits: number[] = [];
  readonly #listeners = new Map<string, () => void>();

  on(name: string, listener: () => void): void {
    this.#listeners.set(name, listener);
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  send(name: SignalName): void {
    this.#listeners.get(name)?.();
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('Signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('aborts the run on %s and exits half a second later with %d', (name, code) => {
    const source = new FakeProcess();
    const { signal } = new Signals(source);
    expect(signal.aborted).toBe(false);
    source.send(name);
    expect([signal.aborted, signal.reason]).toEqual([true, name]);
    vi.advanceTimersByTime(499);
    expect(source.exits).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(source.exits).toEqual([code]);
  });

  it('exits at once on a second signal', () => {
    const source = new FakeProcess();
    new Signals(source);
    source.send('SIGINT');
    source.send('SIGTERM');
    expect(source.exits).toEqual([143]);
  });

  it('go only to the listener that takes them over', () => {
    const source = new FakeProcess();
    const signals = new Signals(source);
    const received: SignalName[] = [];
    signals.takeOver((name) => received.push(name));
    for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGINT'] as const) source.send(name);
    vi.advanceTimersByTime(1_000);
    expect([received, source.exits]).toEqual([['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGINT'], []]);
    expect(signals.signal.aborted).toBe(false);
    signals.stop('SIGHUP');
    vi.advanceTimersByTime(500);
    expect([signals.signal.reason, source.exits]).toEqual(['SIGHUP', [129]]);
  });
});
