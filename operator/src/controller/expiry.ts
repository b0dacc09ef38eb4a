// When the TTL of a completed WaitGroup has expired: only when both the wall clock and the monotonic clock say so.
import { expiryOf, type WaitGroup } from '@konductor/schema';

/** The current time as expiry needs it. */
export interface Now {
  readonly wall: Date;
  /** Measured by the monotonic clock if this process recorded the completion: a wall clock that jumps ahead deletes nothing. */
  readonly sinceCompletionMs?: number | undefined;
}

/** Milliseconds until the WaitGroup may be deleted, zero or less when it may be now; undefined if it never expires. */
export function untilExpiryMs(waitGroup: WaitGroup, now: Now): number | undefined {
  const expiry = expiryOf(waitGroup);
  if (expiry === undefined) return undefined;
  const { completedAtMs, ttlMs } = expiry;
  const byWallMs = completedAtMs + ttlMs - now.wall.getTime();
  return now.sinceCompletionMs === undefined ? byWallMs : Math.max(byWallMs, ttlMs - now.sinceCompletionMs);
}

/**
 * Timers run by the monotonic clock: one that was set while the wall clock was wrong fires too late after the wall clock is
 * corrected. Requeueing at least this often bounds the delay, and sends no request.
 */
const MAX_REQUEUE_MS = 600_000;

/** When to requeue a WaitGroup that expires after `untilExpiryMs`. */
export function requeueDelayMs(untilExpiryMs: number): number {
  return Math.min(untilExpiryMs, MAX_REQUEUE_MS);
}

/** Remembers, by the monotonic clock, when this process recorded each completion. */
export class CompletionClock {
  readonly #recorded = new Map<string, { readonly completedAt: string; readonly at: number }>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  record(uid: string, completedAt: string): void {
    this.#recorded.set(uid, { completedAt, at: this.#monotonicMs() });
  }

  sinceCompletionMs(uid: string, completedAt: string | undefined): number | undefined {
    const recorded = this.#recorded.get(uid);
    return recorded && recorded.completedAt === completedAt ? this.#monotonicMs() - recorded.at : undefined;
  }

  forget(uid: string): void {
    this.#recorded.delete(uid);
  }
}
