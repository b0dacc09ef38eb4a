// The calls that one operation carries: who still waits for it and for how long, and what each is told at its end.
import { applyOperation, type CounterStep, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { CounterRejectedError, OperationIdReusedError, type WaitGroupReference } from '../wait-group-errors.ts';
import type { Carrier, CountingCall } from './counting-call.ts';

/** What was sent last, and for whom. */
interface Sent {
  readonly calls: readonly CountingCall[];
  readonly steps: readonly CounterStep[];
}

export class CountingBatch {
  /** Of the one operation, for all its attempts. */
  readonly id: string;
  readonly #group: WaitGroupReference;
  readonly #calls: readonly CountingCall[];
  readonly #controller = new AbortController();
  #sent: Sent | undefined;

  constructor(group: WaitGroupReference, calls: readonly CountingCall[]) {
    this.id = calls[0]?.operationId ?? randomId();
    this.#group = group;
    this.#calls = calls;
  }

  board(carrier: Carrier): void {
    for (const call of this.#calls) call.carrier = carrier;
  }

  /** Of the one group that is meant, if the calls say so. */
  get uid(): string | undefined {
    return this.#calls[0]?.uid;
  }

  /** Fires when nobody waits any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isAbandoned(): boolean {
    return this.#waiting().length === 0;
  }

  /** Until the first call ends; Infinity when none has a deadline. */
  get remainingMs(): number {
    return Math.min(...this.#waiting().map(({ remainingMs }) => remainingMs));
  }

  onCallSettled(): void {
    if (this.isAbandoned) this.#controller.abort();
  }

  /** A caller's own id may stand for another change by mistake: reporting that one as this would lose this one. */
  requireOwnRecord(base: WaitGroup): void {
    const [call] = this.#calls;
    const record = base.status?.recentOperations?.find(({ id }) => id === this.id);
    if (call?.operationId === undefined || !record || !('delta' in call.change)) return;
    const { delta } = call.change;
    if (record.delta !== delta)
      throw new OperationIdReusedError(this.#group, { operationId: this.id, recorded: record.delta, delta });
  }

  /** The status to write for those who wait now; undefined when all of them are rejected. */
  applyTo(base: WaitGroup, by: string): WaitGroupStatus | undefined {
    const calls = this.#waiting();
    const operation = { id: this.id, by, deltas: calls.map((call) => call.deltaOn(base)) };
    const { status, steps } = applyOperation(base, operation, new Date());
    this.#sent = { calls, steps };
    return status;
  }

  reportRetry(error: Error, delayMs: number): void {
    for (const call of this.#waiting()) call.onRetry?.(error, delayMs);
  }

  /** What was sent last is in this group. */
  resolve(group: WaitGroup): void {
    const { calls, steps } = this.#sent ?? { calls: this.#calls, steps: [] };
    calls.forEach((call, index) => {
      const step = steps[index];
      if (step && !step.ok) call.reject(new CounterRejectedError(this.#group, step.rejection));
      else call.resolve(group);
    });
  }

  reject(reason: unknown): void {
    for (const call of this.#waiting()) call.reject(reason);
  }

  #waiting(): readonly CountingCall[] {
    return this.#calls.filter(({ isSettled }) => !isSettled);
  }
}

/** 96 random bits. */
export function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('base64url');
}
