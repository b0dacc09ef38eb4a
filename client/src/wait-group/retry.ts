// Repeats a request that failed in passing, with backoff, until the deadline of the whole command.
import { Backoff } from '../core/backoff.ts';
import { type Deadline, formatMs } from '../core/deadline.ts';
import { AbortedError, isTransient, NotFoundError, retryAfterMsOf } from '../core/errors.ts';
import { sleep } from '../core/timer.ts';
import { TimedOutError, WaitGroupNotFoundError, type WaitGroupReference } from './wait-group-errors.ts';

/** What a call retries under, and whom its errors are about. */
export interface RetryContext {
  readonly group: WaitGroupReference;
  readonly deadline: Deadline;
  readonly onRetry?: ((error: Error, delayMs: number) => void) | undefined;
}

const BACKOFF = { initialMs: 100, maxMs: 5_000 };

/** For requests that may be sent again. Errors: what the API server refuses, WaitGroupNotFoundError, TimedOutError. */
export async function retry<T>(context: RetryContext, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const pause = pauses(context);
  for (;;) {
    try {
      return await send(context.deadline.signal);
    } catch (error) {
      if (error instanceof NotFoundError) throw absence(context.group, error);
      await pause(error);
    }
  }
}

/** After each failure, waits for the next attempt; throws when there is to be none. */
export function pauses({ group, deadline, onRetry }: RetryContext): (error: unknown) => Promise<void> {
  const backoff = new Backoff(BACKOFF);
  let last: unknown;
  return async (error) => {
    if (error instanceof AbortedError) throw deadline.isOver ? timedOut(group, deadline, last ?? error) : error;
    if (!isTransient(error)) throw error;
    last = error;
    const delayMs = backoff.next(retryAfterMsOf(error));
    onRetry?.(error, delayMs);
    await sleep(delayMs, deadline.signal).catch((interruption) => {
      throw deadline.isOver ? timedOut(group, deadline, error) : interruption;
    });
  };
}

/** The error of a call that ran out of time with the API server away. */
export function timedOut(group: WaitGroupReference, { timeoutMs }: Deadline, cause: unknown): TimedOutError {
  const reason = cause instanceof Error && !(cause instanceof AbortedError) ? `: ${cause.message}` : '';
  const message = `the API server gave no answer within ${formatMs(timeoutMs ?? 0)}${reason}`;
  return new TimedOutError(group, message, { cause, isServerAway: true });
}

/** A 404 that names another kind (a missing namespace) passes as it is. */
export function absence(group: WaitGroupReference, error: NotFoundError): Error {
  const { kind } = error.status.details ?? {};
  return kind === undefined || kind === 'waitgroups'
    ? new WaitGroupNotFoundError(group, 'missing', undefined, { cause: error })
    : error;
}
