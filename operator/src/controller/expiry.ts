// When a completed WaitGroup expires, and which completedAt is credible: every account that counts can write the field.
import { expiryOf, type WaitGroup } from '@konductor/schema';

/** The current time as expiry needs it. */
export interface Now {
  /** The API server's time. */
  readonly time: Date;
  /**
   * The time since this process observed that the WaitGroup got its completedAt, by the monotonic clock: its TTL started then,
   * whatever completedAt or another clock says. Absent if this process has not observed it without.
   */
  readonly sinceUncompletedMs?: number | undefined;
}

/** The clocks of several API servers differ. */
const TOLERANCE_MS = 60_000;

/** Whether the WaitGroup can have completed then: neither before its creation nor in the future. */
export function isCredible(completedAt: string, { metadata }: WaitGroup, { time }: Now): boolean {
  const completedMs = Date.parse(completedAt);
  const createdMs = Date.parse(metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
  return completedMs >= createdMs - TOLERANCE_MS && completedMs <= time.getTime() + TOLERANCE_MS;
}

/** Milliseconds until the WaitGroup may be deleted, zero or less when it may be now; undefined if it never expires. */
export function untilExpiryMs(waitGroup: WaitGroup, { time, sinceUncompletedMs }: Now): number | undefined {
  const expiry = expiryOf(waitGroup);
  if (expiry === undefined) return undefined;
  const { startMs, durationMs: ttlMs } = expiry;
  const byServerMs = startMs + ttlMs - time.getTime();
  return sinceUncompletedMs === undefined ? byServerMs : Math.max(byServerMs, ttlMs - sinceUncompletedMs);
}

/**
 * Timers run by the monotonic clock: one that was set while the API server's clock was wrong fires too late after that is
 * corrected. Requeueing at least this often bounds the delay, and sends no request.
 */
const MAX_REQUEUE_MS = 600_000;

/** When to requeue a WaitGroup that expires after `untilExpiryMs`. */
export function requeueDelayMs(untilExpiryMs: number): number {
  return Math.min(untilExpiryMs, MAX_REQUEUE_MS);
}

const UNCOMPLETED = Number.POSITIVE_INFINITY;

/** Remembers, by the monotonic clock, when this process observed that each WaitGroup got its completedAt. */
export class UncompletedClock {
  readonly #completedAt = new Map<string, number>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  /** Returns the time since then, which is 0 if it has none now; undefined if it has not been observed without. */
  observe({ metadata: { uid = '' }, status }: WaitGroup): number | undefined {
    const nowMs = this.#monotonicMs();
    if (status?.completedAt === undefined) this.#completedAt.set(uid, UNCOMPLETED);
    else if (this.#completedAt.get(uid) === UNCOMPLETED) this.#completedAt.set(uid, nowMs);
    const completedAt = this.#completedAt.get(uid);
    return completedAt === undefined ? undefined : Math.max(nowMs - completedAt, 0);
  }

  forget(uid: string): void {
    this.#completedAt.delete(uid);
  }
}
