// When the records of each WaitGroup are folded: at once, then after a pause, so that a crowd of workers is counted in few writes.
// A cache that is stale gets time to catch up.

const PAUSE_MS = 100;
const CATCH_UP_MS = 1_000;

export class FoldPacer {
  /** By the uid of the WaitGroup. */
  readonly #foldedAt = new Map<string, number>();
  readonly #staleSince = new Map<string, number>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** Returns how long to wait before the next fold; 0 or less if it may be now. */
  pauseMs(uid: string): number {
    return this.#untilMs(this.#foldedAt.get(uid), PAUSE_MS);
  }

  onFolded(uid: string): void {
    this.#foldedAt.set(uid, this.#monotonicMs());
  }

  /** Returns how long a stale cache still has to catch up; 0 or less if its time is over. */
  catchUpMs(uid: string): number {
    if (!this.#staleSince.has(uid)) this.#staleSince.set(uid, this.#monotonicMs());
    return this.#untilMs(this.#staleSince.get(uid), CATCH_UP_MS);
  }

  /** The records were not stale, or have been listed. */
  onCurrent(uid: string): void {
    this.#staleSince.delete(uid);
  }

  forget(uid: string): void {
    this.#foldedAt.delete(uid);
    this.#staleSince.delete(uid);
  }

  #untilMs(startedAt: number | undefined, durationMs: number): number {
    return startedAt === undefined ? 0 : startedAt + durationMs - this.#monotonicMs();
  }
}
