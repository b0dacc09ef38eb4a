// The log of retries: a warning while the API server is unavailable, when it is not trusted, and when it rejects a wait that
// has begun, each at most once a minute; and every retry under -v.
import { type CallOptions, GoneError, isTransient, UntrustedServerError } from '@konductor/client';
import type { Timeout } from '../arguments/values.ts';
import type { Log } from '../process/log.ts';

/** Often enough to show, in the log of a pod, that koncli is not stuck. */
const REPEAT_MS = 60_000;

/** The listener for the retries of all calls of one command. Without a timeout, they go on until the server is available. */
export function reportRetries(
  log: Log,
  server: URL,
  timeout: Timeout | undefined,
): NonNullable<CallOptions['onRetry']> {
  const warnedAtMs = new Map<string, number>();
  return (error, delayMs) => {
    log.info(`${error.message}; retrying in ${Math.round(delayMs)} ms`);
    // A watch whose resourceVersion is too old starts again: that is no outage.
    if (error instanceof GoneError) return;
    const kind = kindOf(error);
    const now = performance.now();
    if (now - (warnedAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    warnedAtMs.set(kind, now);
    log.warn(
      isTransient(error)
        ? `the API server at ${server.origin} is unavailable (${error.message}); retrying ${describeLimit(timeout)}`
        : `the API server at ${server.origin} rejects the wait (${error.message}); retrying for up to 1m`,
    );
  };
}

function kindOf(error: Error): string {
  if (error.cause instanceof UntrustedServerError) return error.cause.reason;
  return isTransient(error) ? 'unavailable' : 'rejected';
}

function describeLimit(timeout: Timeout | undefined): string {
  if (timeout === undefined) return 'until it is available';
  return timeout.ms === 0 ? 'briefly' : `for up to ${timeout.text}`;
}
