// When the TTL and the deadline of a WaitGroup start, and how long they are. What time it is now is left to the caller.

import type { WaitGroup } from '../shape/wait-group.ts';
import { parseDuration } from '../values/duration.ts';
import { isUndecided } from './outcome.ts';

/** A time and what is added to it, both in milliseconds; the time is since the epoch. */
export interface TimeLimit {
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * The TTL, from the completion or the failure, whichever is earlier. Undefined if the WaitGroup is kept: it has no TTL, or the
 * operator has observed neither.
 */
export function expiryOf({ spec, status }: WaitGroup): TimeLimit | undefined {
  const starts = [status?.completedAt, status?.failedAt].filter((time) => time !== undefined);
  const [start] = starts.sort((a, b) => Date.parse(a) - Date.parse(b));
  return limitOf(start, spec?.ttl);
}

/** The deadline of the present round. Undefined if it has none: it is decided, or the operator has not observed its start. */
export function deadlineOf({ spec, status }: WaitGroup): TimeLimit | undefined {
  if (status === undefined || !isUndecided(status)) return undefined;
  return limitOf(status.startedAt, spec?.deadline);
}

function limitOf(start: string | undefined, length: string | undefined): TimeLimit | undefined {
  if (start === undefined || length === undefined) return undefined;
  const duration = parseDuration(length);
  const startMs = Date.parse(start);
  // The CRD rejects both; should one exist nevertheless, ignoring the limit does no harm.
  if (!duration.ok || Number.isNaN(startMs)) return undefined;
  return { startMs, durationMs: Math.max(Number(duration.nanoseconds) / 1e6, 0) };
}
