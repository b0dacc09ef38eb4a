// Exponential backoff with full jitter: a random delay between zero and a ceiling that doubles.
// Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

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

  /** Returns the next delay in milliseconds, at least `floorMs` (a server's Retry-After). */
  next(floorMs = 0): number {
    const { maxMs, random = Math.random } = this.#options;
    const delayMs = random() * this.#ceilingMs;
    this.#ceilingMs = Math.min(this.#ceilingMs * 2, maxMs);
    return Math.max(delayMs, floorMs);
  }

  reset(): void {
    this.#ceilingMs = this.#options.initialMs;
  }
}
