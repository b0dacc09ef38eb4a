// When a completed group may be collected, as far as the object tells. Whose clock decides is left to its readers.

import type { WaitGroup } from '../shape/wait-group.ts';
import { parseDuration } from '../values/duration.ts';

/** In milliseconds; the time since the epoch. */
export interface Expiry {
  readonly completedAtMs: number;
  readonly ttlMs: number;
}

/** Undefined while the group is kept: it has no ttl, or the operator has not seen its completion. */
export function expiryOf({ spec, status }: WaitGroup): Expiry | undefined {
  if (spec?.ttl === undefined || status?.completedAt === undefined) return undefined;
  const ttl = parseDuration(spec.ttl);
  const completedAtMs = Date.parse(status.completedAt);
  // The CRD refuses both; if they come all the same, keeping the group is the harmless reading.
  if (!ttl.ok || Number.isNaN(completedAtMs)) return undefined;
  return { completedAtMs, ttlMs: Math.max(Number(ttl.nanoseconds) / 1e6, 0) };
}
