// How long to wait before writing again an object that others write too: the writers that lost a race spread themselves
// over a window that widens by what each attempt took. An attempt takes longer the more compete:
// docs/decisions/0005-contention.md and 0054-a-crowd-of-processes.md.

/** Less, and the next attempt meets the same crowd; more, and the API server idles. */
const SPREAD = 3;
/** Of the first attempt, only the write says how many compete: the read contains the start of the connection, and of the process. */
const FIRST_SPREAD = 5;
/** An attempt that took longer met an API server that stood still, not a crowd. */
const LONGEST_ATTEMPT_MS = 10_000;
/** An attempt is begun late only when it has this many times as long as the one before took. */
const SAFE_ATTEMPTS = 4;

/** How long an attempt took, and its write. */
export interface Attempt {
  readonly attemptMs: number;
  readonly writeMs: number;
}

export class ConflictBackoff {
  readonly #random: () => number;
  #windowMs = 0;

  /** `random`: uniform in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /**
   * The next delay in milliseconds, after an attempt that took `attemptMs` from its read to its rejection, `writeMs` of it for
   * the write. When so little remains that another attempt might be cut off in flight, the delay may outlast it.
   */
  next({ attemptMs, writeMs }: Attempt, remainingMs: number): number {
    const isFirst = this.#windowMs === 0;
    this.#windowMs += isFirst
      ? FIRST_SPREAD * Math.min(writeMs, LONGEST_ATTEMPT_MS)
      : SPREAD * Math.min(attemptMs, LONGEST_ATTEMPT_MS);
    const delayMs = this.#random() * this.#windowMs;
    const hasTime = remainingMs / 2 > SAFE_ATTEMPTS * attemptMs;
    return hasTime ? Math.min(delayMs, remainingMs / 2) : delayMs;
  }
}
