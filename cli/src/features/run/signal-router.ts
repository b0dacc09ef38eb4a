// Routes the signals of a run: while the command runs they are forwarded to it; before and after, terminating signals end
// koncli.
import type { Run } from '../../arguments/invocation.ts';
import type { SignalName } from '../../process/signals.ts';
import type { Child } from './child.ts';

/** The signals that ask a process to end. */
const STOPPING: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** The signals that a terminal sends to all foreground processes. */
const TYPED: readonly SignalName[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];

/** Takes over all signals when it is created. */
export class SignalRouter {
  readonly #run: Run;
  readonly #isInForeground: () => boolean;
  /** What koncli is doing when the command has ended. */
  #finishing: string | undefined;
  #child: Child | undefined;
  #wasAskedToStop = false;

  constructor(run: Run, isInForeground: () => boolean) {
    this.#run = run;
    this.#isInForeground = isInForeground;
    run.signals.takeOver((name) => this.#receive(name));
  }

  /** Forwards all further signals to the command. */
  forwardTo(child: Child): void {
    this.#child = child;
  }

  /** Whether a terminating signal has arrived. */
  get wasAskedToStop(): boolean {
    return this.#wasAskedToStop;
  }

  /** The command has ended. Marking its work is worth some patience: the first terminating signal only logs a warning. */
  finish(doing: string): void {
    this.#finishing = doing;
    this.#child = undefined;
  }

  #receive(name: SignalName): void {
    const isStopping = STOPPING.includes(name);
    if (!this.#child && isStopping) this.#stop(name);
    // Not twice: to many programs a second Ctrl-C means to end at once.
    if (!(TYPED.includes(name) && this.#isInForeground())) this.#child?.kill(name);
    this.#wasAskedToStop ||= isStopping;
  }

  #stop(name: SignalName): void {
    const { signals, log } = this.#run;
    if (!this.#finishing || this.#wasAskedToStop) signals.stop(name);
    else log.warn(`received ${name}; ${this.#finishing} (signal again to stop)`);
  }
}
