// The progress of a wait on stderr: one line that is rewritten on a terminal, one line for each change elsewhere.
import { currentStatus, type WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { formatSeconds } from '../../output/age.ts';
import { subject } from '../../output/output.ts';
import type { Log } from '../../process/log.ts';
import { DEFAULT_COLUMNS } from '../../process/output-stream.ts';
import { BAR_LENGTH, type GroupProgress, renderBar } from './progress-bar.ts';

/** Shows the progress of a wait. */
export interface Progress {
  /** Shows the current state; `group` is undefined while it does not exist. */
  report(name: string, group: WaitGroup | undefined): void;
  /** Clears the line on a terminal; may be called again. */
  end(): void;
}

const REDRAW_MS = 1_000;

/** Shows waits that begin now. */
export function createProgress(names: readonly string[], run: Run): Progress {
  const isPlain = !run.stderr.isTTY || run.env.TERM === 'dumb';
  return isPlain ? new ProgressLines(run.log) : new ProgressBar(names, run);
}

class ProgressLines implements Progress {
  readonly #log: Log;
  readonly #startedAt = performance.now();
  readonly #last = new Map<string, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Ignores most of the operator's writes: only the counter, the total and a failure matter to a waiter. */
  report(name: string, group: WaitGroup | undefined): void {
    const text = group ? describe(toProgress(group)) : 'not yet created';
    if (this.#last.get(name) === text) return;
    this.#last.set(name, text);
    this.#log.line(`${subject(name)} ${text} (${formatSeconds(elapsedSeconds(this.#startedAt))})`);
  }

  end(): void {}
}

class ProgressBar implements Progress {
  readonly #run: Run;
  readonly #startedAt = performance.now();
  readonly #groups: Map<string, GroupProgress | undefined>;
  readonly #timer: NodeJS.Timeout;
  #hasReport = false;

  constructor(names: readonly string[], run: Run) {
    this.#run = run;
    this.#groups = new Map(names.map((name) => [name, undefined]));
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  report(name: string, group: WaitGroup | undefined): void {
    this.#hasReport = true;
    this.#groups.set(name, group && toProgress(group));
    this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#run.log.status('');
  }

  #draw(): void {
    if (!this.#hasReport) return;
    const { stderr, env, log } = this.#run;
    const elapsed = formatSeconds(elapsedSeconds(this.#startedAt));
    const columns = stderr.columns || DEFAULT_COLUMNS;
    log.status(renderBar(this.#groups, { elapsed, columns }), env.NO_COLOR ? 0 : BAR_LENGTH);
  }
}

function toProgress(group: WaitGroup): GroupProgress {
  const { counter, added = 0, outcome } = currentStatus(group);
  return { counter, added, isFailed: outcome === 'Failed' };
}

function describe({ counter, added, isFailed }: GroupProgress): string {
  return `counter ${counter}, added ${added}${isFailed ? ', failed' : ''}`;
}

function elapsedSeconds(startedAt: number): number {
  return Math.floor((performance.now() - startedAt) / 1000);
}
