import { ServerClock } from '@konductor/client';
import { describe, expect, it } from 'vitest';

const NOON = Date.UTC(2026, 0, 2, 12);
const HOUR = 3_600_000;

/** A machine whose wall clock differs from the server's, and whose monotonic clock is the time since the server's noon. */
class Machine {
  elapsedMs = 0;
  wallAheadMs: number;
  serverAheadMs = 0;
  readonly clock = new ServerClock(
    () => NOON + this.elapsedMs + this.wallAheadMs,
    () => this.elapsedMs,
  );

  constructor(wallAheadMs: number) {
    this.wallAheadMs = wallAheadMs;
  }

  /** A request that takes 20 ms each way. */
  request(): this {
    const sentAt = this.elapsedMs;
    const date = new Date(NOON + sentAt + 20 + this.serverAheadMs).toUTCString();
    this.elapsedMs += 40;
    this.clock.observe({ date, sentAt, receivedAt: this.elapsedMs });
    return this;
  }

  pass(ms: number): this {
    this.elapsedMs += ms;
    return this;
  }

  /** The server's time on this machine, ahead of the real one by this much. */
  get errorMs(): number {
    return this.clock.now().getTime() - (NOON + this.elapsedMs + this.serverAheadMs);
  }
}

describe('ServerClock', () => {
  it('is the local clock until a response has a date', () => {
    const machine = new Machine(2 * HOUR);
    for (const date of [undefined, '', 'soon']) machine.clock.observe({ date, sentAt: 0, receivedAt: 1 });
    expect([machine.errorMs, machine.clock.aheadMs]).toEqual([2 * HOUR, 0]);
  });

  it.each([-20, 0, 500])('is the local clock, to the millisecond, if that may be right: %d ms ahead', (aheadMs) => {
    const machine = new Machine(aheadMs).pass(100).request();
    expect([machine.errorMs, machine.clock.aheadMs]).toEqual([aheadMs, 0]);
  });

  it.each([2 * HOUR, -2 * HOUR, 5_000, -5_000])('corrects a clock that is %d ms ahead', (aheadMs) => {
    const machine = new Machine(aheadMs).request();
    expect(Math.abs(machine.errorMs)).toBeLessThanOrEqual(1_020);
    expect(Math.abs(machine.clock.aheadMs - aheadMs)).toBeLessThanOrEqual(1_020);
  });

  it('becomes more exact with each response', () => {
    const machine = new Machine(2 * HOUR);
    for (let turn = 0; turn < 100; turn++) machine.request().pass(273);
    expect(Math.abs(machine.errorMs)).toBeLessThanOrEqual(70);
  });

  it('is not misled by a slow response', () => {
    const machine = new Machine(2 * HOUR).request();
    const { elapsedMs: sentAt } = machine;
    machine.clock.observe({ date: new Date(NOON).toUTCString(), sentAt, receivedAt: machine.pass(30_000).elapsedMs });
    expect(Math.abs(machine.errorMs)).toBeLessThanOrEqual(1_020);
  });

  it('is not moved by a local clock that is set', () => {
    const machine = new Machine(0).request();
    machine.wallAheadMs = 2 * HOUR;
    expect(Math.abs(machine.errorMs)).toBeLessThanOrEqual(1_020);
    machine.wallAheadMs = -2 * HOUR;
    expect(Math.abs(machine.errorMs)).toBeLessThanOrEqual(1_020);
  });

  it("follows the server's clock when that is set, or the monotonic clock stood still", () => {
    const machine = new Machine(0).request();
    for (const serverAheadMs of [HOUR, -HOUR]) {
      machine.serverAheadMs = serverAheadMs;
      expect(Math.abs(machine.request().errorMs)).toBeLessThanOrEqual(1_020);
    }
  });
});
