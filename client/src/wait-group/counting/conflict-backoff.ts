// How long to wait before writing again an object that others write too: the writers that lost a race spread themselves
// over a window that widens by what each rejected write took. A write takes longer the more compete:
// docs/decisions/0054-a-crowd-of-processes.md.

/** Less, and the next write meets the same crowd; more, and the API server idles. */
const SPREAD = 4;
/** A write that took longer met an API server that stood still, not a crowd. */
const LONGEST_WRITE_MS = 10_000;
/** An attempt, which is a read and a write, is begun late only when it has this many times as long as the last write took. */
const SAFE_WRITES = 8;

export class ConflictBackoff {
  readonly #random: () => number;
  #windowMs = 0;

  /** `random`: uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * The next delay in milliseconds, after a write that was rejected in `writeMs`. The read before it says less: the first one
   * contains what the connection took, and a process's start. When so little remains that another attempt might be cut off
   * in flight, the delay may outlast it.
   */
  next(writeMs: number, remainingMs: number): number {
    this.#windowMs += SPREAD * Math.min(writeMs, LONGEST_WRITE_MS);
    const delayMs = this.#random() * this.#windowMs;
    const hasTime = remainingMs / 2 > SAFE_WRITES * writeMs;
    return hasTime ? Math.min(delayMs, remainingMs / 2) : delayMs;
  }
}
