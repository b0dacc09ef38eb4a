// Timers of any length. setTimeout fires at once for more than 2^31-1 ms (24.8 days), so longer timers are re-armed.
import { AbortedError } from './errors.ts';

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

/** Resolves after `delayMs`; rejects with AbortedError as soon as `signal` is aborted. */
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
