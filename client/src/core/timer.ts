// Timers that hold for any length. setTimeout fires at once beyond 2^31-1 ms (24.8 days), so longer ones are re-armed.
import { AbortedError, UnavailableError } from './errors.ts';

const LONGEST_TIMEOUT_MS = 2_147_483_647;

/** Calls `callback` once after `delayMs`; the returned function cancels it. */
export function startTimer(delayMs: number, callback: () => void): () => void {
  const endsAt = performance.now() + delayMs;
  let handle: NodeJS.Timeout;
  const arm = () => {
    const leftMs = endsAt - performance.now();
    handle = setTimeout(
      leftMs <= LONGEST_TIMEOUT_MS ? callback : arm,
      Math.min(Math.max(leftMs, 0), LONGEST_TIMEOUT_MS),
    );
  };
  arm();
  return () => clearTimeout(handle);
}

/** Resolves after `delayMs`; rejects with AbortedError as soon as `signal` fires. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new AbortedError('aborted', { cause: signal.reason }));
    const finish = (settle: () => void) => {
      cancel();
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = () => finish(() => reject(new AbortedError('aborted', { cause: signal?.reason })));
    const cancel = startTimer(delayMs, () => finish(resolve));
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

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
