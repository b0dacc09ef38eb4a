// How much is left of a WaitGroup's TTL and deadline, and which of the times that they start at are credible: every account
// that counts can write the fields.
import { deadlineOf, expiryOf, type TimeLimit, type WaitGroup } from '@konductor/schema';

/** The current time as the TTL and the deadline need it. */
export interface Now {
  /** The API server's time. */
  readonly time: Date;
  /**
   * How long the TTL has run by the monotonic clock since this process observed its start, whatever the status or another
   * clock says. Absent if this process has not observed the WaitGroup before.
   */
  readonly ttlElapsedMs?: number | undefined;
  /** The same for the deadline. */
  readonly deadlineElapsedMs?: number | undefined;
}

/** The clocks of several API servers differ. */
const TOLERANCE_MS = 60_000;

/**
 * Whether this can have happened to the WaitGroup then: neither before its creation nor in the future. The present time is
 * always credible, also if the API server's clock was set back since the creation: else each correction would follow another.
 */
export function isCredible(time: string, { metadata }: WaitGroup, now: Now): boolean {
  const [timeMs, nowMs] = [Date.parse(time), now.time.getTime()];
  const createdMs = Date.parse(metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
  return timeMs >= Math.min(createdMs, nowMs) - TOLERANCE_MS && timeMs <= nowMs + TOLERANCE_MS;
}

/** Milliseconds until the WaitGroup may be deleted, zero or less when it may be now; undefined if it never expires. */
export function untilExpiryMs(waitGroup: WaitGroup, { time, ttlElapsedMs }: Now): number | undefined {
  return remainingMs(expiryOf(waitGroup), time, ttlElapsedMs);
}

/** Milliseconds until the round fails, zero or less when it has to now; undefined if it has no deadline, or is decided. */
export function untilDeadlineMs(waitGroup: WaitGroup, { time, deadlineElapsedMs }: Now): number | undefined {
  return remainingMs(deadlineOf(waitGroup), time, deadlineElapsedMs);
}

/** Both clocks must agree that the time is up. */
function remainingMs(limit: TimeLimit | undefined, time: Date, elapsedMs: number | undefined): number | undefined {
  if (limit === undefined) return undefined;
  const { startMs, durationMs } = limit;
  const byServerMs = startMs + durationMs - time.getTime();
  return elapsedMs === undefined ? byServerMs : Math.max(byServerMs, durationMs - elapsedMs);
}

/**
 * Timers run by the monotonic clock: one that was set while the API server's clock was wrong fires too late after that is
 * corrected. Requeueing at least this often bounds the delay, and sends no request.
 */
const MAX_REQUEUE_MS = 600_000;

/** When to requeue a WaitGroup whose TTL or deadline expires after `untilMs`. */
export function requeueDelayMs(untilMs: number): number {
  return Math.min(untilMs, MAX_REQUEUE_MS);
}
