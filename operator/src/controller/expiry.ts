// When a completed group has outlived its TTL: not before, by either clock.
import { expiryOf, type WaitGroup } from '@konductor/schema';

/** What time it is, as far as expiry is concerned. */
export interface Now {
  readonly wall: Date;
  /** By the monotonic clock, where this process saw the completion: a wall clock that jumps ahead collects nothing. */
  readonly sinceCompletionMs?: number | undefined;
}

/** Milliseconds until the group may be deleted, zero or less when it may; undefined while it never will. */
export function untilExpiryMs(waitGroup: WaitGroup, now: Now): number | undefined {
  const expiry = expiryOf(waitGroup);
  if (expiry === undefined) return undefined;
  const { completedAtMs, ttlMs } = expiry;
  const byWallMs = completedAtMs + ttlMs - now.wall.getTime();
  return now.sinceCompletionMs === undefined ? byWallMs : Math.max(byWallMs, ttlMs - now.sinceCompletionMs);
}

/**
 * A timer runs by the monotonic clock: one that was set while the wall clock was wrong would fire too late once that is put
 * right. So nothing is left alone for longer than this; looking asks nothing of the API server.
 */
const LOOK_AGAIN_MS = 600_000;

/** When to look at a group again that expires after so long. */
export function lookAgainMs(untilExpiryMs: number): number {
  return Math.min(untilExpiryMs, LOOK_AGAIN_MS);
}

/** Remembers by the monotonic clock which completions this process saw. */
export class CompletionClock {
  readonly #seen = new Map<string, { readonly completedAt: string; readonly at: number }>();
  readonly #monotonicMs: () => number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
  }

  saw(uid: string, completedAt: string): void {
    this.#seen.set(uid, { completedAt, at: this.#monotonicMs() });
  }

  sinceCompletionMs(uid: string, completedAt: string | undefined): number | undefined {
    const seen = this.#seen.get(uid);
    return seen && seen.completedAt === completedAt ? this.#monotonicMs() - seen.at : undefined;
  }

  forget(uid: string): void {
    this.#seen.delete(uid);
  }
}
