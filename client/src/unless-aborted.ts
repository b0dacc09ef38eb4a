// Waits for what cannot be stopped, no longer than its caller wants to.
import { AbortedError, UnavailableError } from './errors.ts';

export interface WaitLimits {
  readonly signal?: AbortSignal | undefined;
  /** Absent: as long as it takes. */
  readonly timeoutMs?: number | undefined;
}

/** What `pending` comes to; `what` it is names it when it is given up: by AbortedError or UnavailableError, before anything was sent. */
export function unlessAborted<T>(pending: Promise<T>, what: string, { signal, timeoutMs }: WaitLimits): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new AbortedError(`aborted while waiting for ${what}`, { cause: signal?.reason }));
    const expire = () => reject(new UnavailableError(`no ${what} within ${timeoutMs} ms`, { mayHaveArrived: false }));
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) reject(new AbortedError('aborted', { cause: signal.reason }));
    pending.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
