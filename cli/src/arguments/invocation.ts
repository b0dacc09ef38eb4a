// Everything that one run of koncli receives from outside; only main.ts takes it from the process.
import type { Log } from '../process/log.ts';
import type { OutputStream } from '../process/output-stream.ts';
import type { Signals } from '../process/signals.ts';

/** The environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One run of koncli. */
export interface Invocation {
  /** The name it was called by: `koncli` or `kubectl konductor`. */
  readonly program: string;
  /** Without the runtime and the script. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborted when the run must end; its reason is the name of the process signal. */
  readonly signal: AbortSignal;
  /** Used by commands that do not simply end on a signal. */
  readonly signals: Pick<Signals, 'takeOver' | 'onChildEnd' | 'stop'>;
  /** 1 where koncli is the entry point of a container. */
  readonly pid: number;
  /** WaitGroups record it with each change, unless the name of the pod is known. */
  readonly hostname: string;
  /** The path of the process's executable: koncli, or the runtime that runs it as a script. */
  readonly executable: string;
  /** The runtime and platform, such as `Bun 1.4.5, linux/x64`. */
  readonly runtime: string;
}

/** An invocation and its log: the parameter of every verb. Its program includes the flags that name the cluster. */
export interface Run extends Invocation {
  readonly log: Log;
}
