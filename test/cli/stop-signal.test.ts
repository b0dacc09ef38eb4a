import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SignalSource, stopSignal } from '../../cli/src/stop-signal.ts';

type SignalName = Parameters<SignalSource['on']>[0];

/** A process that keeps the codes it was told to exit with. */
class FakeProcess implements SignalSource {
  readonly exits: number[] = [];
  readonly #listeners = new Map<SignalName, () => void>();

  on(name: SignalName, listener: () => void): void {
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

describe('stopSignal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('tells the run of %s, and ends what goes on for half a second more with %d', (name, code) => {
    const source = new FakeProcess();
    const signal = stopSignal(source);
    expect(signal.aborted).toBe(false);
    source.send(name);
    expect([signal.aborted, signal.reason]).toEqual([true, name]);
    vi.advanceTimersByTime(499);
    expect(source.exits).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(source.exits).toEqual([code]);
  });

  it('ends the process at once on a second signal', () => {
    const source = new FakeProcess();
    stopSignal(source);
    source.send('SIGINT');
    source.send('SIGTERM');
    expect(source.exits).toEqual([143]);
  });
});
