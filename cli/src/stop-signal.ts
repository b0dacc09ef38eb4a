// When the process must end: the signals that ask for it, and what happens when the run does not end by itself.
import { exitCodeOfSignal } from './exit-code.ts';

/** The part of the process that this needs. */
export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/** A run that does not end by itself this long after a signal is ended. */
const GRACE_MS = 500;

/** Fires with the name of the signal as its reason; a second signal ends the process at once. */
export function stopSignal(source: SignalSource): AbortSignal {
  const controller = new AbortController();
  // As PID 1 a process gets only the signals that it asks for.
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    const exit = () => source.exit(exitCodeOfSignal(name));
    source.on(name, () => {
      if (controller.signal.aborted) exit();
      controller.abort(name);
      setTimeout(exit, GRACE_MS).unref();
    });
  }
  return controller.signal;
}
