// Decides what to do about one WaitGroup: a pure function of the WaitGroup and the time. apply.ts carries it out.
import {
  currentStatus,
  isCompleted,
  reflectCounter,
  toMilliseconds,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';
import type { EventToRecord } from './event-recorder.ts';
import { isCredible, type Now, requeueDelayMs, untilExpiryMs } from './expiry.ts';

/** An Event to publish once the decision has been carried out. */
export interface DecisionEvent extends EventToRecord {
  readonly reason: 'Completed' | 'Corrected' | 'Expired';
}

/** At most one write; the watch reports the change that it makes, which is reconciled again. */
export type Decision =
  | { readonly kind: 'write'; readonly status: WaitGroupStatus; readonly events: readonly DecisionEvent[] }
  | { readonly kind: 'delete'; readonly events: readonly DecisionEvent[] }
  | { readonly kind: 'none'; readonly requeueAfterMs?: number };

export function reconcile(waitGroup: WaitGroup, now: Now): Decision {
  if (waitGroup.metadata.deletionTimestamp !== undefined) return { kind: 'none' };
  const status = desiredStatus(waitGroup, now);
  if (hasOwnChange(waitGroup, status)) return { kind: 'write', status, events: transitions(waitGroup, status) };
  const leftMs = untilExpiryMs(waitGroup, now);
  if (leftMs === undefined) return { kind: 'none' };
  if (leftMs > 0) return { kind: 'none', requeueAfterMs: requeueDelayMs(leftMs) };
  return { kind: 'delete', events: [expired(waitGroup)] };
}

/** The stored status with the operator's own fields as they should be; the fields of the counting rule stay unchanged. */
function desiredStatus(waitGroup: WaitGroup, now: Now): WaitGroupStatus {
  const stored = currentStatus(waitGroup);
  // The counting rule always sets the Done condition: only a status that was written by hand lacks it.
  const status = hasDoneCondition(stored) ? { ...stored } : reflectCounter(stored, now.time);
  if (!isCompleted(status)) delete status.completedAt;
  else if (status.completedAt === undefined || !isCredible(status.completedAt, waitGroup, now))
    status.completedAt = toMilliseconds(now.time);
  if (waitGroup.metadata.generation !== undefined) status.observedGeneration = waitGroup.metadata.generation;
  return status;
}

function hasOwnChange({ status: stored }: WaitGroup, desired: WaitGroupStatus): boolean {
  return (
    stored === undefined ||
    stored.completedAt !== desired.completedAt ||
    stored.observedGeneration !== desired.observedGeneration ||
    !hasDoneCondition(stored)
  );
}

function hasDoneCondition({ conditions }: WaitGroupStatus): boolean {
  return conditions?.some(({ type }) => type === 'Done') ?? false;
}

function transitions({ status: stored }: WaitGroup, { completedAt, added = 0 }: WaitGroupStatus): DecisionEvent[] {
  const before = stored?.completedAt;
  if (completedAt === undefined || before === completedAt) return [];
  if (before === undefined)
    return [{ type: 'Normal', reason: 'Completed', message: `All ${added} completed`, dedupeKey: completedAt }];
  const message = `status.completedAt was ${before}, which is in the future or before the creation; the TTL starts now`;
  return [{ type: 'Warning', reason: 'Corrected', message, dedupeKey: completedAt }];
}

function expired({ spec, status }: WaitGroup): DecisionEvent {
  const { completedAt = '' } = status ?? {};
  const message = `TTL of ${spec?.ttl} after completion at ${completedAt} expired`;
  return { type: 'Normal', reason: 'Expired', message, dedupeKey: completedAt };
}
