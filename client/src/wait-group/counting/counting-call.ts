// One call of add, done, fail or set: its change, its deadline, and the promise that its batch settles.
import { deltaTo, type NewFailure, type WaitGroup } from '@konductor/schema';
import { Deadline, formatMs } from '../../core/deadline.ts';
import { AbortedError } from '../../core/errors.ts';
import type { CallOptions } from '../call-options.ts';
import { unknownOutcomeError } from '../retry.ts';
import { TimedOutError, type WaitGroupReference } from '../wait-group-errors.ts';
import type { WriteState } from './write-state.ts';

export interface CountOptions extends CallOptions {
  /**
   * Makes a retry of the call harmless: if this id is among the group's recent operations (the last 16), it was counted, and
   * `wasRepeated` is set. Use another id for each change. At most 128 printable ASCII characters; random when absent.
   */
  readonly operationId?: string | undefined;
  /** Changes only the group with this uid, never another of the same name; absent: any group of the name. */
  readonly uid?: string | undefined;
}

/** The result of a call. */
export interface Counted {
  /** The group after the write. */
  readonly group: WaitGroup;
  /** Whether an earlier call with the same operation ID made this change, so that this call changed nothing. */
  readonly wasRepeated: boolean;
}

/** The amount by which a call changes the counter, with the failure that it reports if any, or the value that it sets. */
export type CounterChange = { readonly delta: number; readonly failure?: NewFailure } | { readonly counter: number };

export class CountingCall {
  readonly change: CounterChange;
  readonly onRetry: CallOptions['onRetry'];
  readonly deadline: Deadline;
  readonly promise: Promise<Counted>;
  isSettled = false;
  readonly #settlers: { resolve: (counted: Counted) => void; reject: (error: unknown) => void };

  constructor(change: CounterChange, options: CallOptions) {
    this.change = change;
    this.onRetry = options.onRetry;
    this.deadline = new Deadline(options.timeoutMs, options.signal, options.startedAt);
    const { promise, ...settlers } = Promise.withResolvers<Counted>();
    this.promise = promise;
    this.#settlers = settlers;
  }

  /** The time until its deadline; Infinity without one. */
  get remainingMs(): number {
    return (this.deadline.timeoutMs ?? Number.POSITIVE_INFINITY) - this.deadline.elapsedMs();
  }

  /** The amount by which it changes the counter of this group. */
  deltaOn(base: WaitGroup): number {
    return 'delta' in this.change ? this.change.delta : deltaTo(base, this.change.counter);
  }

  /** What the call reports to have failed. */
  get failure(): NewFailure | undefined {
    return 'delta' in this.change ? this.change.failure : undefined;
  }

  resolve(counted: Counted): void {
    this.#end();
    this.#settlers.resolve(counted);
  }

  reject(error: unknown): void {
    this.#end();
    this.#settlers.reject(error);
  }

  /** The error of the call when its time ran out or its caller aborted it. */
  interruption(group: WaitGroupReference, write: WriteState<WaitGroup>): Error {
    const { isInDoubt, lastFailure: cause, hasConflicted } = write;
    if (isInDoubt) return unknownOutcomeError(group, cause, describeChange(this.change));
    if (!this.deadline.isOver) return new AbortedError('aborted; nothing was changed');
    const isServerUnavailable = cause !== undefined || !hasConflicted;
    const reason = cause ? `: ${cause.message}` : '';
    const why = isServerUnavailable ? `the API server did not respond${reason}` : 'other writers kept changing it';
    const limit = formatMs(this.deadline.timeoutMs ?? 0);
    const message = `waitgroup "${group.name}": timed out after ${limit}: ${why}; nothing was changed`;
    return new TimedOutError(group, message, { cause, isServerUnavailable });
  }

  #end(): void {
    this.isSettled = true;
    this.deadline.release();
  }
}

function describeChange(change: CounterChange): string {
  if ('counter' in change) return `a change to ${change.counter}`;
  return change.failure ? 'a failure' : `a change of ${change.delta}`;
}
