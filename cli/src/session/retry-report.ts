// What koncli says while it tries again: one notice when the API server is away, every retry under -v.
import { type CallOptions, isTransient } from '@konductor/client';
import type { Timeout } from '../arguments/values.ts';
import type { Log } from '../process/log.ts';

/** Whom is tried, and for how long; no timeout: for ever. */
export interface RetryReport {
  readonly server: URL;
  readonly timeout: Timeout | undefined;
}

/** The listener for the retries of all calls of one command. */
export function reportRetries(log: Log, { server, timeout }: RetryReport): NonNullable<CallOptions['onRetry']> {
  let isNoticed = false;
  return (error, delayMs) => {
    log.info(`${error.message}; trying again in ${Math.round(delayMs)} ms`);
    // A watch that begins too long ago is started anew, which is no outage.
    if (isNoticed || !isTransient(error)) return;
    isNoticed = true;
    log.warn(
      `the API server at ${server.origin} is not available (${error.message}); trying again ${describeLimit(timeout)}`,
    );
  };
}

function describeLimit(timeout: Timeout | undefined): string {
  if (timeout === undefined) return 'until it is';
  return timeout.ms === 0 ? 'for a moment' : `for up to ${timeout.text}`;
}
