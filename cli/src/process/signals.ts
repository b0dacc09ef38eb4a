// The signals of the process: they end the run, unless a command takes them over.
import { exitCodeOfSignal } from './exit-code.ts';

/**
 * The signals that koncli can receive and a command may handle. Not SIGTSTP: a terminal stops all of its foreground processes,
 * and a user who stops koncli alone means koncli alone.
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
/** The name of one of them. */
export type SignalName = (typeof SIGNAL_NAMES)[number];

/** The part of the process that signals need. */
export interface SignalSource {
  on(name: SignalName | 'SIGCHLD', listener: () => void): unknown;
  exit(code: number): void;
}

/** After a signal, the process exits after this time even if the run has not ended. */
const GRACE_MS = 500;
/** The signals that end the run; the others keep their default action. */
const ENDING: readonly SignalName[] = ['SIGINT', 'SIGTERM'];

/** Receives the signals of the process. */
export class Signals {
  readonly #source: SignalSource;
  readonly #controller = new AbortController();
  #listener = (name: SignalName) => this.stop(name);

  constructor(source: SignalSource) {
    this.#source = source;
    // PID 1 receives only signals that it has handlers for.
    for (const name of ENDING) source.on(name, () => this.#listener(name));
  }

  /** Aborted when the run must end; its reason is the name of the process signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Passes all further signals to `listener` alone. */
  takeOver(listener: (name: SignalName) => void): void {
    this.#listener = listener;
    const others = SIGNAL_NAMES.filter((name) => !ENDING.includes(name));
    for (const name of others) this.#source.on(name, () => this.#listener(name));
  }

  /** Calls `listener` when one or several children have ended. */
  onChildEnd(listener: () => void): void {
    this.#source.on('SIGCHLD', listener);
  }

  /** Aborts the run; if it was aborted before, exits at once. */
  stop(name: SignalName): void {
    const exit = () => this.#source.exit(exitCodeOfSignal(name));
    if (this.signal.aborted) exit();
    this.#controller.abort(name);
    setTimeout(exit, GRACE_MS).unref();
  }
}
