// Retries requests that fail temporarily, with backoff, until the deadline of the whole command; creates its final errors.
import { Backoff, MAX_OUTAGE_DELAY_MS } from '../core/backoff.ts';
import { Deadline, formatMs } from '../core/deadline.ts';
import { AbortedError, isTransient, NotFoundError, retryAfterMsOf } from '../core/errors.ts';
import { sleep } from '../core/timer.ts';
import type { CallOptions } from './call-options.ts';
import {
  TimedOutError,
  UnknownOutcomeError,
  WaitGroupNotFoundError,
  type WaitGroupReference,
} from './wait-group-errors.ts';

/** The limits of a call, and the group that its errors name. */
export interface RetryContext {
  readonly group: WaitGroupReference;
  readonly deadline: Deadline;
  readonly onRetry?: ((error: Error, delayMs: number) => void) | undefined;
}

/** Calls `work` within the limits of a call. */
export async function withDeadline<T>(
  group: WaitGroupReference,
  { timeoutMs, signal, startedAt, onRetry }: CallOptions,
  work: (context: RetryContext) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(timeoutMs, signal, startedAt);
  try {
    return await work({ group, deadline, onRetry });
  } finally {
    deadline.release();
  }
}

const BACKOFF = { initialMs: 100, maxMs: MAX_OUTAGE_DELAY_MS };

/** Retries a request that is safe to repeat. Errors: the API server's rejections, WaitGroupNotFoundError, TimedOutError. */
export async function retry<T>(context: RetryContext, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const pause = createPause(context);
  for (;;) {
    try {
      return await send(context.deadline.signal);
    } catch (error) {
      if (error instanceof NotFoundError) throw notFoundError(context.group, error);
      await pause(error);
    }
  }
}

/** Returns a function that waits for the next attempt after a failure, or throws when there is none. */
export function createPause({ group, deadline, onRetry }: RetryContext): (error: unknown) => Promise<void> {
  const backoff = new Backoff(BACKOFF);
  let last: unknown;
  return async (error) => {
    if (error instanceof AbortedError) throw deadline.isOver ? timedOutError(group, deadline, last ?? error) : error;
    if (!isTransient(error)) throw error;
    last = error;
    const delayMs = backoff.next(retryAfterMsOf(error));
    onRetry?.(error, delayMs);
    await sleep(delayMs, deadline.signal).catch((interruption) => {
      throw deadline.isOver ? timedOutError(group, deadline, error) : interruption;
    });
  };
}

/** The error of a call whose time ran out while the API server was unavailable. */
export function timedOutError(group: WaitGroupReference, { timeoutMs }: Deadline, cause: unknown): TimedOutError {
  const reason = cause instanceof Error && !(cause instanceof AbortedError) ? `: ${cause.message}` : '';
  const message = `the API server did not respond within ${formatMs(timeoutMs ?? 0)}${reason}`;
  return new TimedOutError(group, message, { cause, isServerUnavailable: true });
}

/** The error of a call whose request was sent, but whose effect is not known; `reason` says why, as an error or in words. */
export function unknownOutcomeError(
  group: WaitGroupReference,
  reason?: unknown,
  request = 'a change',
): UnknownOutcomeError {
  const [why, cause] = reason instanceof Error ? [reason.message, reason] : [reason];
  const message = `waitgroup "${group.name}": ${request} was sent, but its outcome is unknown`;
  return new UnknownOutcomeError(group, why === undefined ? message : `${message}: ${why}`, { cause });
}

/** A 404 that names another kind (a missing namespace) is returned as it is. */
export function notFoundError(group: WaitGroupReference, error: NotFoundError): Error {
  const { kind } = error.status.details ?? {};
  return kind === undefined || kind === 'waitgroups'
    ? new WaitGroupNotFoundError(group, 'missing', undefined, { cause: error })
    : error;
}
