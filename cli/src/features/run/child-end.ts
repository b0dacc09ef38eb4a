// How a command ended, and its exit code.
import { exitCodeOfSignal } from '../../process/exit-code.ts';

/** The end of a process. A signal without a name, such as a real-time signal, is given by number. */
export interface ChildEnd {
  readonly code: number;
  readonly signal?: string | number | undefined;
}

/** The exit code as in shells: after signal n it is 128+n. */
export function exitCodeOf({ code, signal }: ChildEnd): number {
  if (signal === undefined) return code;
  return typeof signal === 'number' ? 128 + signal : exitCodeOfSignal(signal);
}

/** As the predicate of a sentence. */
export function describeEnd({ code, signal }: ChildEnd): string {
  return signal === undefined ? `exited with code ${code}` : `was killed by signal ${signal}`;
}
