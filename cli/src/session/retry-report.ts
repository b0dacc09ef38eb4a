// The log of retries: one warning while the API server is unavailable, one when it is not trusted, one when it rejects a wait
// that has begun, and every retry under -v.
import { type CallOptions, GoneError, isTransient, UntrustedServerError } from '@konductor/client';
import type { Timeout } from '../arguments/values.ts';
import type { Log } from '../process/log.ts';

/** The listener for the retries of all calls of one command. Without a timeout, they go on until the server is available. */
export function reportRetries(
  log: Log,
  server: URL,
  timeout: Timeout | undefined,
): NonNullable<CallOptions['onRetry']> {
  const warnedOf = new Set<string>();
  return (error, delayMs) => {
    log.info(`${error.message}; retrying in ${Math.round(delayMs)} ms`);
    // A watch whose resourceVersion is too old starts again: that is no outage.
    if (error instanceof GoneError) return;
    const kind = kindOf(error);
    if (warnedOf.has(kind)) return;
    warnedOf.add(kind);
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
