// koncli's exit codes: scripts rely on them.
import { constants } from 'node:os';

/** The exit codes by meaning; after signal n it is 128+n. */
export const EXIT_CODE = {
  ok: 0,
  error: 1,
  notFound: 2,
  timeout: 3,
  permissionDenied: 4,
  unavailable: 5,
  /** A wait ended because work has failed. */
  failed: 6,
  /** The codes of `run` when its command cannot be run, as in shells. */
  notExecutable: 126,
  commandNotFound: 127,
} as const;

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = constants.signals;

/** The exit code of a process that a signal ended. */
export function exitCodeOfSignal(name: string): number {
  return 128 + (SIGNAL_NUMBERS[name] ?? 0);
}
