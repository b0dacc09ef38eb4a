// How long a whole command may take, on the monotonic clock.
import { formatDuration } from '@konductor/schema';
import { startTimer } from './timer.ts';

/** A moment after which `signal` is aborted; it is aborted as well when the caller's own signal fires. */
export class Deadline {
  readonly timeoutMs: number | undefined;
  readonly #startedAt: number;
  readonly #controller = new AbortController();
  readonly #release: () => void;
  #isOver = false;

  /** `timeoutMs` undefined: no limit. It counts from `startedAt` on performance.now()'s clock, else from now. */
  constructor(timeoutMs?: number, parent?: AbortSignal, startedAt = performance.now()) {
    this.timeoutMs = timeoutMs;
    this.#startedAt = startedAt;
    const onAbort = () => this.#controller.abort(parent?.reason);
    parent?.addEventListener('abort', onAbort, { once: true });
    if (parent?.aborted) onAbort();
    const cancel = timeoutMs === undefined ? () => {} : startTimer(timeoutMs - this.elapsedMs(), () => this.#end());
    this.#release = () => {
      cancel();
      parent?.removeEventListener('abort', onAbort);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True when time ran out, false while it runs or when the caller aborted. */
  get isOver(): boolean {
    return this.#isOver;
  }

  elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Stops the clock; call it when the command is through, or the process stays alive until the deadline. */
  release(): void {
    this.#release();
  }

  #end(): void {
    this.#isOver = true;
    this.#controller.abort(new Error('the deadline has passed'));
  }
}

/** A length of time as Go and kubectl write it, such as `1m30s`. */
export function formatMs(milliseconds: number): string {
  return formatDuration(BigInt(Math.round(milliseconds * 1e6)));
}
