// koncli's exit codes, a part of its contract with scripts.
import { constants } from 'node:os';

/** What each exit code means; a signal's is 128 and its number. */
export const EXIT_CODE = {
  ok: 0,
  error: 1,
  notFound: 2,
  timeout: 3,
  permissionDenied: 4,
  unavailable: 5,
  /** Of `run`, as shells have them. */
  notExecutable: 126,
  commandNotFound: 127,
} as const;

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = constants.signals;

/** The exit code of what a signal ended. */
export function exitCodeOfSignal(name: string): number {
  return 128 + (SIGNAL_NUMBERS[name] ?? 0);
}
