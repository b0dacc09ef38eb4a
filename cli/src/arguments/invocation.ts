// Everything that one run of koncli is given from outside; only main.ts takes it from the process.
import type { Log } from '../process/log.ts';
import type { OutputStream } from '../process/output-stream.ts';
import type { Signals } from '../process/signals.ts';

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
