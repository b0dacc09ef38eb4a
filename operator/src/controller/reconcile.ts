// Decides what to do about one WaitGroup: a pure function of the WaitGroup and the time. apply.ts carries it out.
import { isDeepStrictEqual } from 'node:util';
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { type DecisionEvent, expired, transitions } from './decision-events.ts';
import { desiredStatus } from './desired-status.ts';
import { type Now, requeueDelayMs, untilDeadlineMs, untilExpiryMs } from './time-limits.ts';

/** At most one write; the watch reports the change that it makes, which is reconciled again. */
export type Decision =
  | { readonly kind: 'write'; readonly status: WaitGroupStatus; readonly events: readonly DecisionEvent[] }
  | { readonly kind: 'delete'; readonly events: readonly DecisionEvent[] }
  | { readonly kind: 'none'; readonly requeueAfterMs?: number };

/** `folded`: the status with the records of workers, where that is another one than the stored. */
export function reconcile(waitGroup: WaitGroup, now: Now, folded = waitGroup.status): Decision {
  if (waitGroup.metadata.deletionTimestamp !== undefined) return { kind: 'none' };
  const status = desiredStatus(folded === undefined ? waitGroup : { ...waitGroup, status: folded }, now);
  if (!isDeepStrictEqual(waitGroup.status, status))
    return { kind: 'write', status, events: transitions(waitGroup, status) };
  // Only an undecided round has a deadline, and only a decided one a TTL.
  const leftMs = untilDeadlineMs(waitGroup, now) ?? untilExpiryMs(waitGroup, now);
  if (leftMs === undefined) return { kind: 'none' };
  if (leftMs > 0) return { kind: 'none', requeueAfterMs: requeueDelayMs(leftMs) };
  return { kind: 'delete', events: [expired(waitGroup)] };
}
