// Remembers when this process observed that the TTL, or the deadline, of each WaitGroup started: by the monotonic clock, which
// nobody can set.
import type { WaitGroup } from '@konductor/schema';

const NOT_STARTED = Number.POSITIVE_INFINITY;

/** Of the TTLs, or of the deadlines. */
export class StartClock {
  readonly #startedAt = new Map<string, number>();
  readonly #hasStarted: (waitGroup: WaitGroup) => boolean;
  readonly #monotonicMs: () => number;

  constructor(hasStarted: (waitGroup: WaitGroup) => boolean, monotonicMs: () => number = () => performance.now()) {
    this.#hasStarted = hasStarted;
    this.#monotonicMs = monotonicMs;
  }

  /** Returns the time since the start, which is 0 before it; undefined if this process has not observed the WaitGroup before it. */
  observe(waitGroup: WaitGroup): number | undefined {
    const { uid = '' } = waitGroup.metadata;
    const nowMs = this.#monotonicMs();
    if (!this.#hasStarted(waitGroup)) this.#startedAt.set(uid, NOT_STARTED);
    else if (this.#startedAt.get(uid) === NOT_STARTED) this.#startedAt.set(uid, nowMs);
    const startedAt = this.#startedAt.get(uid);
    return startedAt === undefined ? undefined : Math.max(nowMs - startedAt, 0);
  }

  forget(uid: string): void {
    this.#startedAt.delete(uid);
  }

  /** After a time in which this process has observed nothing, although others may have written. */
  forgetAll(): void {
    this.#startedAt.clear();
  }
}

export const hasTtlStarted = ({ status }: WaitGroup): boolean =>
  status?.completedAt !== undefined || status?.failedAt !== undefined;

export const hasDeadlineStarted = ({ status }: WaitGroup): boolean => status?.startedAt !== undefined;
