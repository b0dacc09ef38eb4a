// How a command ended, and which exit code says so.
import { exitCodeOfSignal } from '../process/exit-code.ts';

/** How a process ended. A signal without a name, such as a real-time one, is given as its number. */

export interface ChildEnd {
  readonly code: number;
  readonly signal?: string | number | undefined;
}

/** As shells have it: 128 and the number of the signal. */
export function exitCodeOf({ code, signal }: ChildEnd): number {
  if (signal === undefined) return code;
  return typeof signal === 'number' ? 128 + signal : exitCodeOfSignal(signal);
}

export function describeEnd({ code, signal }: ChildEnd): string {
  if (signal === undefined) return `exited with ${code}`;
  return `was killed by ${typeof signal === 'number' ? `signal ${signal}` : signal}`;
}
