// What becomes of the signals of a run: while the command runs they are the command's; before and after, those that ask
// koncli to end are koncli's own.
import type { Run } from '../arguments/invocation.ts';
import type { SignalName } from '../process/signals.ts';
import type { Child } from './child.ts';

/** Those that ask a process to end. */
const STOPPING: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** Those that a terminal sends to every process in its foreground. */
const TYPED: readonly SignalName[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

/** Takes all signals over when it is made. */
export class SignalRouter {
  readonly #run: Run;
  readonly #isInForeground: () => boolean;
  #phase: 'adding' | 'running' | 'finishing' = 'adding';
  #child: Child | undefined;
  #wasAskedToStop = false;

  constructor(run: Run, isInForeground: () => boolean) {
    this.#run = run;
    this.#isInForeground = isInForeground;
    run.signals.takeOver((name) => this.#receive(name));
  }

  /** From now on the command gets them. */
  forwardTo(child: Child): void {
    this.#phase = 'running';
    this.#child = child;
  }

  /** The command has ended. Its done is worth some patience: the first that asks koncli to end is only answered. */
  finish(): void {
    this.#phase = 'finishing';
    this.#child = undefined;
  }

  #receive(name: SignalName): void {
    const isStopping = STOPPING.includes(name);
    if (!this.#child && isStopping) this.#stop(name);
    // Twice would be too much: programs take a second Ctrl-C for impatience.
    if (!(TYPED.includes(name) && this.#isInForeground())) this.#child?.kill(name);
    this.#wasAskedToStop ||= isStopping;
  }

  #stop(name: SignalName): void {
    const { signals, log } = this.#run;
    if (this.#phase === 'adding' || this.#wasAskedToStop) signals.stop(name);
    else log.warn(`got ${name}, and still tries to say done, for the command succeeded; the next one ends it`);
  }
}
