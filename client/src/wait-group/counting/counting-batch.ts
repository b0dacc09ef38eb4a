// The calls that share one write: how the counting rule applies them to a group, and what each ends with.
import {
  applyOperation,
  type CounterStep,
  findOperation,
  MAX_COUNTER,
  type OperationRecord,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';
import type { CallOptions } from '../call-options.ts';
import { CounterRejectedError, OperationIdReusedError, type WaitGroupReference } from '../wait-group-errors.ts';
import { type Counted, type CounterChange, CountingCall, type CountOptions } from './counting-call.ts';
import { WriteState } from './write-state.ts';

/** The write that was sent last. */
interface Sent {
  readonly calls: readonly CountingCall[];
  readonly steps: readonly CounterStep[];
  readonly record: OperationRecord | undefined;
}

export class CountingBatch {
  /** The operation's id, in all its attempts. */
  readonly id: string;
  readonly group: WaitGroupReference;
  /** Absent: whichever group has the name. */
  readonly uid: string | undefined;
  readonly write = new WriteState<WaitGroup>();
  readonly #by: string;
  readonly #isShared: boolean;
  readonly #isIdOfCaller: boolean;
  readonly #calls: CountingCall[] = [];
  readonly #controller = new AbortController();
  #added = 0;
  #sent: Sent | undefined;

  /** `options`: those of its first call. */
  constructor(group: WaitGroupReference, by: string, options: CountOptions) {
    this.id = options.operationId ?? randomId();
    this.group = group;
    this.uid = options.uid;
    this.#by = by;
    this.#isShared = isShareable(options);
    this.#isIdOfCaller = options.operationId !== undefined;
  }

  /** Whether this call may join, as long as nothing was sent. */
  accepts(change: CounterChange, options: CountOptions): boolean {
    // The API server limits how much one write adds in total.
    const fits = this.#added + amountAdded(change) <= MAX_COUNTER;
    return this.#isShared && isShareable(options) && !this.isAbandoned && fits;
  }

  join(change: CounterChange, options: CallOptions): Promise<Counted> {
    const call = new CountingCall(change, options);
    this.#calls.push(call);
    this.#added += amountAdded(change);
    const { signal } = call.deadline;
    const interrupt = () => {
      call.reject(call.interruption(this.group, this.write));
      if (this.isAbandoned) this.#controller.abort();
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt);
    return call.promise;
  }

  /** Aborted when no call waits any more. */
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

  /** A caller's own id may stand for another change by mistake: reporting that one as this would lose this one. */
  requireOwnRecord(base: WaitGroup): void {
    const record = findOperation(base, this.id);
    if (this.#isShared || !record) return;
    const { id: operationId, delta: recorded } = record;
    for (const { change } of this.#calls)
      if ('delta' in change && change.delta !== recorded)
        throw new OperationIdReusedError(this.group, { operationId, recorded, delta: change.delta });
  }

  /** The status to write for the calls that wait now; undefined when all of them are rejected. */
  applyTo(base: WaitGroup, now: Date): WaitGroupStatus | undefined {
    const calls = this.#waiting();
    const deltas = calls.map((call) => call.deltaOn(base));
    // A call that reports a failure is written alone.
    const operation = { id: this.id, by: this.#by, deltas, failure: calls[0]?.failure };
    const { status, steps } = applyOperation(base, operation, now);
    this.#sent = { calls, steps, record: status?.recentOperations?.[0] };
    return status;
  }

  reportRetry(error: Error, delayMs: number): void {
    for (const call of this.#waiting()) call.onRetry?.(error, delayMs);
  }

  /** `group` holds the write that was sent last, or one of an earlier process under the same id. */
  resolve(group: WaitGroup): void {
    const { calls, steps } = this.#sent ?? { calls: this.#calls, steps: [] };
    const wasRepeated = this.#isIdOfCaller && this.#isOfAnotherCall(findOperation(group, this.id));
    for (const [index, call] of calls.entries()) {
      const step = steps[index];
      if (step && !step.ok) call.reject(new CounterRejectedError(this.group, step.rejection));
      else call.resolve({ group, wasRepeated });
    }
  }

  reject(reason: unknown): void {
    for (const call of this.#waiting()) call.reject(reason);
  }

  /** The time of a record tells it from one that another call wrote under the same id. */
  #isOfAnotherCall(record: OperationRecord | undefined): boolean {
    const own = this.#sent?.record;
    return record !== undefined && !(record.by === own?.by && record.at === own?.at);
  }

  #waiting(): readonly CountingCall[] {
    return this.#calls.filter(({ isSettled }) => !isSettled);
  }
}

function amountAdded(change: CounterChange): number {
  return 'delta' in change ? Math.max(change.delta, 0) : change.counter;
}

/** A call that brings its own operation ID, or means one group only, is written alone. */
function isShareable({ operationId, uid }: CountOptions): boolean {
  return operationId === undefined && uid === undefined;
}

/** 96 random bits. */
export function randomId(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('base64url');
}
