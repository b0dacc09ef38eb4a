// Everything that one run of koncli is given from outside; only main.ts takes it from the process.
import type { Log } from './log.ts';
import type { Signals } from './signals.ts';

/** Where text goes: process.stdout and process.stderr are such. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Whether nobody reads any more what is written. */
  readonly isClosed?: boolean;
  /** False: a command that did what it was told has succeeded, even if its output cannot be written. */
  isNeeded?: boolean;
  /** Calls `listener` soon after the last reader is gone, where that can be told; resolves with what ends that. */
  onReaderGone?(listener: () => void): Promise<() => void>;
}

/** The width where no terminal tells one; some say 0. */
export const DEFAULT_COLUMNS = 80;

/** The environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One run of koncli. */
export interface Invocation {
  /** What it is called by: `koncli` or `kubectl konductor`. */
  readonly program: string;
  /** Without the runtime and the script. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Fires when the run must end; its reason is the name of the signal that asked for it. */
  readonly signal: AbortSignal;
  /** For commands that do not simply end on a signal. */
  readonly signals: Pick<Signals, 'takeOver' | 'onChildEnd' | 'stop'>;
  /** 1 where koncli is the entry point of a container. */
  readonly pid: number;
  /** In a pod this is the pod's name: groups record it beside each change. */
  readonly hostname: string;
  /** The path of the process's executable: koncli, or the runtime that it is a script of. */
  readonly executable: string;
  /** What koncli runs on, such as `Bun 1.4.5, linux/x64`. */
  readonly runtime: string;
}

/** A run with its voice on stderr: what every verb is given. */
export interface Run extends Invocation {
  readonly log: Log;
}
