// What signals do to the process: it ends, unless a command has something better to do with them.
import { exitCodeOfSignal } from './exit-code.ts';

/**
 * All that koncli can listen to and a command may have a use for. Not SIGTSTP: what a terminal stops it stops together, and
 * who stops koncli alone means that.
 */
export const SIGNAL_NAMES = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
] as const;
/** The name of such a signal. */
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** The part of the process that this needs. */
export interface SignalSource {
  on(name: SignalName | 'SIGCHLD', listener: () => void): unknown;
  exit(code: number): void;
}

/** A run that does not end by itself this long after a signal is ended. */
const GRACE_MS = 500;
/** Those that end koncli; the others do to it what the system does by default. */
const ENDING: readonly SignalName[] = ['SIGINT', 'SIGTERM'];

/** The signals that the process gets. */
export class Signals {
  readonly #source: SignalSource;
  readonly #controller = new AbortController();
  #listener = (name: SignalName) => this.stop(name);

  constructor(source: SignalSource) {
    this.#source = source;
    // As PID 1 a process gets only the signals that it asks for.
    for (const name of ENDING) source.on(name, () => this.#listener(name));
  }

  /** Fires when the run must end; its reason is the name of the signal that asked for it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on all signals go to `listener`, and do nothing else. */
  takeOver(listener: (name: SignalName) => void): void {
    this.#listener = listener;
    const others = SIGNAL_NAMES.filter((name) => !ENDING.includes(name));
    for (const name of others) this.#source.on(name, () => this.#listener(name));
  }

  /** Calls `listener` when a child has ended, or several have. */
  onChildEnd(listener: () => void): void {
    this.#source.on('SIGCHLD', listener);
  }

  /** Tells the run to end; when it was told before, ends the process at once. */
  stop(name: SignalName): void {
    const exit = () => this.#source.exit(exitCodeOfSignal(name));
    if (this.signal.aborted) exit();
    this.#controller.abort(name);
    setTimeout(exit, GRACE_MS).unref();
  }
}
