// The TTL of a completed WaitGroup, as far as the object says. Whose clock decides is left to the caller.

import type { WaitGroup } from '../shape/wait-group.ts';
import { parseDuration } from '../values/duration.ts';

export interface Expiry {
  /** Milliseconds since the epoch. */
  readonly completedAtMs: number;
  readonly ttlMs: number;
}

/** Undefined if the WaitGroup is kept: it has no TTL, or the operator has not observed its completion. */
export function expiryOf({ spec, status }: WaitGroup): Expiry | undefined {
  if (spec?.ttl === undefined || status?.completedAt === undefined) return undefined;
  const ttl = parseDuration(spec.ttl);
  const completedAtMs = Date.parse(status.completedAt);
  // The CRD rejects both; should one exist nevertheless, keeping the WaitGroup does no harm.
  if (!ttl.ok || Number.isNaN(completedAtMs)) return undefined;
  return { completedAtMs, ttlMs: Math.max(Number(ttl.nanoseconds) / 1e6, 0) };
}
