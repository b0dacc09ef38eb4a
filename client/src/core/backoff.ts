// Exponential backoff with full jitter: a random delay between zero and a ceiling that doubles.
// Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

/** The longest delay while the API server is unavailable: every caller goes on within seconds after an outage, however long that was. */
export const MAX_OUTAGE_DELAY_MS = 3_000;

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** Returns a number in [0, 1); tests replace it. */
  readonly random?: () => number;
}

export class Backoff {
  readonly #options: BackoffOptions;
  #ceilingMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#ceilingMs = options.initialMs;
  }

  /** The longest that the next delay can be. */
  get ceilingMs(): number {
    return this.#ceilingMs;
  }

  /**
   * Returns the next delay in milliseconds. A server that asks for a delay by Retry-After is available: the delay is that
   * one with some jitter, and the ceiling does not rise.
   */
  next(retryAfterMs = 0): number {
    const { initialMs, maxMs, random = Math.random } = this.#options;
    if (retryAfterMs > 0) return retryAfterMs + random() * initialMs;
    const delayMs = random() * this.#ceilingMs;
    this.#ceilingMs = Math.min(this.#ceilingMs * 2, maxMs);
    return delayMs;
  }

  reset(): void {
    this.#ceilingMs = this.#options.initialMs;
  }
}
