// The time limit of a call, on the monotonic clock, joined with the AbortSignal of the caller.
import { formatDuration } from '@konductor/schema';
import { AbortedError, UnavailableError } from './errors.ts';
import { startTimer } from './timer.ts';

/** Aborts `signal` when time runs out, or when the caller's own signal is aborted. */
export class Deadline {
  readonly timeoutMs: number | undefined;
  readonly #parent: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #onAbort = () => this.#controller.abort(this.#parent?.reason);
  #startedAt: number;
  #cancelTimer = () => {};
  #isOver = false;

  /** `timeoutMs` undefined: no limit. `startedAt` is a time of `performance.now()`; the clock starts now by default. */
  constructor(timeoutMs?: number, parent?: AbortSignal, startedAt = performance.now()) {
    this.timeoutMs = timeoutMs;
    this.#parent = parent;
    this.#startedAt = startedAt;
    parent?.addEventListener('abort', this.#onAbort, { once: true });
    if (parent?.aborted) this.#onAbort();
    this.#startTimer();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when time ran out; false while the clock runs, and when the caller aborted. */
  get isOver(): boolean {
    return this.#isOver;
  }

  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Starts the clock again from zero. */
  restart(): void {
    this.#cancelTimer();
    this.#startedAt = performance.now();
    this.#startTimer();
  }

  /** Lifts the time limit; the caller's signal still counts. */
  stopClock(): void {
    this.#cancelTimer();
  }

  /** Call it when the work has finished: a running clock keeps the process alive. */
  release(): void {
    this.#cancelTimer();
    this.#parent?.removeEventListener('abort', this.#onAbort);
  }

  #startTimer(): void {
    if (this.timeoutMs === undefined) return;
    this.#cancelTimer = startTimer(this.timeoutMs - this.elapsedMs(), () => {
      this.#isOver = true;
      this.#controller.abort(new Error('the deadline has passed'));
    });
  }
}

/** Formats a length of time as Go and kubectl do, such as `1m30s`. */
export function formatMs(milliseconds: number): string {
  return formatDuration(BigInt(Math.round(milliseconds * 1e6)));
}

export interface WaitLimits {
  readonly signal?: AbortSignal | undefined;
  /** Absent: no limit. */
  readonly timeoutMs?: number | undefined;
}

/** Waits for `pending`, which precedes a request: when it is given up (AbortedError, UnavailableError), nothing has been sent. */
export function unlessAborted<T>(pending: Promise<T>, what: string, { signal, timeoutMs }: WaitLimits): Promise<T> {
  const deadline = new Deadline(timeoutMs, signal);
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () =>
      reject(
        deadline.isOver
          ? new UnavailableError(`no ${what} within ${formatMs(timeoutMs ?? 0)}`, { mayHaveArrived: false })
          : new AbortedError(`aborted while waiting for ${what}`, { cause: deadline.signal.reason }),
      );
    if (deadline.signal.aborted) onAbort();
    else deadline.signal.addEventListener('abort', onAbort);
  });
  return Promise.race([pending, aborted]).finally(() => deadline.release());
}
