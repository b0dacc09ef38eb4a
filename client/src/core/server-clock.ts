// The API server's time, measured by the Date header of its responses. A correct local clock is used as it is; a wrong one
// is corrected only as far as it is certainly wrong.

/** The Date header of a response, and when, by the monotonic clock, the request was sent and the response received. */
export interface DatedResponse {
  readonly date: string | undefined;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** The header has whole seconds: the server's clock read anything up to this much more. */
const RESOLUTION_MS = 1_000;

export class ServerClock {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  /** Bounds of the server's time minus the monotonic clock: a local clock that is set changes neither. */
  #earliest = Number.NEGATIVE_INFINITY;
  #latest = Number.POSITIVE_INFINITY;

  constructor(wallMs: () => number = Date.now, monotonicMs: () => number = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
  }

  /** The server's time; the local time until the first response. */
  now(): Date {
    return new Date(this.#correct(this.#wallMs()));
  }

  /** By how much the local clock is certainly ahead of the server's, or if negative, behind it; 0 if they may agree. */
  get aheadMs(): number {
    const wallMs = this.#wallMs();
    return wallMs - this.#correct(wallMs);
  }

  observe({ date = '', sentAt, receivedAt }: DatedResponse): void {
    const dateMs = Date.parse(date);
    if (Number.isNaN(dateMs)) return;
    const earliest = dateMs - receivedAt;
    const latest = dateMs + RESOLUTION_MS - sentAt;
    // Bounds that exclude each other: one of the clocks was set, or drifted.
    const isConsistent = earliest <= this.#latest && latest >= this.#earliest;
    this.#earliest = isConsistent ? Math.max(earliest, this.#earliest) : earliest;
    this.#latest = isConsistent ? Math.min(latest, this.#latest) : latest;
  }

  #correct(wallMs: number): number {
    const monotonicMs = this.#monotonicMs();
    return Math.min(Math.max(wallMs, monotonicMs + this.#earliest), monotonicMs + this.#latest);
  }
}
