// How a wait is getting on: on a terminal one line on stderr that is rewritten, elsewhere one line for each change.
import { currentStatus, type WaitGroup } from '@konductor/schema';
import type { Run } from '../arguments/invocation.ts';
import { formatSeconds } from '../output/age.ts';
import { subject } from '../output/output.ts';
import type { Log } from '../process/log.ts';
import { DEFAULT_COLUMNS } from '../process/output-stream.ts';
import { type GroupProgress, renderBar } from './progress-bar.ts';

/** Told of what a wait sees. */
export interface Progress {
  /** The group as it is now; undefined while it is not there. */
  report(name: string, group: WaitGroup | undefined): void;
  /** Leaves nothing behind on a terminal; may be called again. */
  end(): void;
}

const REDRAW_MS = 1_000;

/** For the waits for these groups, which begin now. */
export function createProgress(names: readonly string[], { stderr, env, log }: Run): Progress {
  if (!stderr.isTTY || env.TERM === 'dumb') return new ProgressLines(log);
  const columns = () => stderr.columns || DEFAULT_COLUMNS;
  return new ProgressBar(names, log, { columns, hasColor: !env.NO_COLOR });
}

class ProgressLines implements Progress {
  readonly #log: Log;
  readonly #startedAt = performance.now();
  readonly #last = new Map<string, string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** The operator writes too: only what a waiter looks at is a change. */
  report(name: string, group: WaitGroup | undefined): void {
    const text = group ? describe(toProgress(group)) : 'is not there yet';
    if (this.#last.get(name) === text) return;
    this.#last.set(name, text);
    this.#log.line(`${subject(name)} ${text} (${formatSeconds(elapsedSeconds(this.#startedAt))})`);
  }

  end(): void {}
}

interface Terminal {
  readonly columns: () => number;
  readonly hasColor: boolean;
}

class ProgressBar implements Progress {
  readonly #log: Log;
  readonly #terminal: Terminal;
  readonly #startedAt = performance.now();
  readonly #groups: Map<string, GroupProgress | undefined>;
  readonly #timer: NodeJS.Timeout;
  #isInTouch = false;

  constructor(names: readonly string[], log: Log, terminal: Terminal) {
    this.#log = log;
    this.#terminal = terminal;
    this.#groups = new Map(names.map((name) => [name, undefined]));
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  report(name: string, group: WaitGroup | undefined): void {
    this.#isInTouch = true;
    this.#groups.set(name, group && toProgress(group));
    this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#log.status('');
  }

  #draw(): void {
    if (!this.#isInTouch) return;
    const { columns, hasColor } = this.#terminal;
    const elapsed = formatSeconds(elapsedSeconds(this.#startedAt));
    this.#log.status(renderBar(this.#groups, { elapsed, columns: columns(), hasColor }));
  }
}

function toProgress(group: WaitGroup): GroupProgress {
  const { counter, added = 0 } = currentStatus(group);
  return { counter, added };
}

function describe({ counter, added }: GroupProgress): string {
  return `counter ${counter}, added ${added}`;
}

function elapsedSeconds(startedAt: number): number {
  return Math.floor((performance.now() - startedAt) / 1000);
}
