// The time that a pending change gets after a signal.

/** For its response, within the half second that koncli has left. */
const LAST_RESPONSE_MS = 250;

/** Is aborted some time after `signal`. */
export function delayedSignal(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = () => setTimeout(() => controller.abort(signal.reason), LAST_RESPONSE_MS);
  signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
