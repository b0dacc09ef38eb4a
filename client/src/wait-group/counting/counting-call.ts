// One call of add, done or set: a promise that is settled by the operation that carries it, or by its own deadline.
import { deltaTo, type WaitGroup } from '@konductor/schema';
import { Deadline, formatMs } from '../../core/deadline.ts';
import { AbortedError } from '../../core/errors.ts';
import type { CallOptions } from '../call-options.ts';
import { TimedOutError, UnknownOutcomeError, type WaitGroupReference } from '../wait-group-errors.ts';

export interface CountOptions extends CallOptions {
  /**
   * Makes a repetition of the call harmless: if this id is among the group's recent operations, it was counted.
   * At most 128 characters; random when absent.
   */
  readonly operationId?: string | undefined;
  /** Of the one group that is meant: another that has taken its name is left alone. Absent: whichever has the name. */
  readonly uid?: string | undefined;
}

/** By how much a call changes the counter, or where it takes it, whatever it is. */
export type CounterChange = { readonly delta: number } | { readonly counter: number };

/** What a call must know of the operation that carries it, to say truly how it ended. */
export interface Carrier {
  /** A write was sent, and its fate is not known for certain. */
  readonly isInDoubt: boolean;
  /** The last failure that was ridden out, while it lasts. */
  readonly lastFailure: Error | undefined;
  /** Another write came first, so that the API server is there. */
  readonly hasConflicted: boolean;
  onCallSettled(): void;
}

export class CountingCall {
  readonly change: CounterChange;
  readonly operationId: string | undefined;
  readonly uid: string | undefined;
  readonly onRetry: CallOptions['onRetry'];
  readonly promise: Promise<WaitGroup>;
  carrier: Carrier | undefined;
  isSettled = false;
  readonly #group: WaitGroupReference;
  readonly #deadline: Deadline;
  readonly #settlers: { resolve: (group: WaitGroup) => void; reject: (error: unknown) => void };

  constructor(group: WaitGroupReference, change: CounterChange, options: CountOptions) {
    this.change = change;
    this.operationId = options.operationId;
    this.uid = options.uid;
    this.onRetry = options.onRetry;
    this.#group = group;
    const { promise, ...settlers } = Promise.withResolvers<WaitGroup>();
    this.promise = promise;
    this.#settlers = settlers;
    this.#deadline = new Deadline(options.timeoutMs, options.signal, options.startedAt);
    const interrupt = () => this.reject(this.#interruption());
    if (this.#deadline.signal.aborted) interrupt();
    else this.#deadline.signal.addEventListener('abort', interrupt, { once: true });
  }

  /** How long until its deadline; Infinity without one. */
  get remainingMs(): number {
    return (this.#deadline.timeoutMs ?? Number.POSITIVE_INFINITY) - this.#deadline.elapsedMs();
  }

  /** By how much it changes the counter of this group. */
  deltaOn(base: WaitGroup): number {
    return 'delta' in this.change ? this.change.delta : deltaTo(base, this.change.counter);
  }

  resolve(group: WaitGroup): void {
    this.#settle(() => this.#settlers.resolve(group));
  }

  reject(error: unknown): void {
    this.#settle(() => this.#settlers.reject(error));
  }

  #settle(settle: () => void): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#deadline.release();
    settle();
    this.carrier?.onCallSettled();
  }

  #interruption(): Error {
    const cause = this.carrier?.lastFailure;
    const reason = cause ? `: ${cause.message}` : '';
    const { name } = this.#group;
    if (this.carrier?.isInDoubt) {
      const message = `waitgroup "${name}": ${describeChange(this.change)} was sent, and whether it was counted is unknown${reason}`;
      return new UnknownOutcomeError(this.#group, message, { cause });
    }
    if (!this.#deadline.isOver) return new AbortedError('aborted; nothing was changed');
    const isServerAway = cause !== undefined || !this.carrier?.hasConflicted;
    const why = isServerAway ? `the API server gave no answer${reason}` : 'other writers kept changing it';
    const limit = formatMs(this.#deadline.timeoutMs ?? 0);
    const message = `waitgroup "${name}": gave up after ${limit}, ${why}; nothing was changed`;
    return new TimedOutError(this.#group, message, { cause, isServerAway });
  }
}

function describeChange(change: CounterChange): string {
  return 'delta' in change ? `a change of ${change.delta}` : `a change to ${change.counter}`;
}
