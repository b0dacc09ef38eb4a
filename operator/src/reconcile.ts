// What to do about one group: a pure function of the group and the time. apply.ts does it.
import type { EventDescription } from '@konductor/client';
import {
  currentStatus,
  isCompleted,
  reflectCounter,
  toMilliseconds,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';
import { lookAgainMs, type Now, untilExpiryMs } from './expiry.ts';

/** An Event to be published once the decision has been carried out. */
export interface DecisionEvent extends EventDescription {
  readonly reason: 'Completed' | 'Expired';
}

/** At most one write; the change that it makes comes back by the watch and is decided on anew. */
export type Decision =
  | { readonly kind: 'write'; readonly status: WaitGroupStatus; readonly events: readonly DecisionEvent[] }
  | { readonly kind: 'delete'; readonly events: readonly DecisionEvent[] }
  | { readonly kind: 'none'; readonly requeueAfterMs?: number };

export function reconcile(waitGroup: WaitGroup, now: Now): Decision {
  if (waitGroup.metadata.deletionTimestamp !== undefined) return { kind: 'none' };
  const status = desiredStatus(waitGroup, now);
  if (isOwnPartChanged(waitGroup, status)) return { kind: 'write', status, events: transitions(waitGroup, status) };
  const leftMs = untilExpiryMs(waitGroup, now);
  if (leftMs === undefined) return { kind: 'none' };
  if (leftMs > 0) return { kind: 'none', requeueAfterMs: lookAgainMs(leftMs) };
  return { kind: 'delete', events: [expired(waitGroup)] };
}

/** The stored status with the operator's fields as they should be; those of the counting rule stay as they are. */
function desiredStatus(waitGroup: WaitGroup, { wall }: Now): WaitGroupStatus {
  const stored = currentStatus(waitGroup);
  // Only a status that was written by hand lacks it; a present one is the counting rule's own.
  const status = hasDoneCondition(stored) ? { ...stored } : reflectCounter(stored, wall);
  if (isCompleted(status)) status.completedAt ??= toMilliseconds(wall);
  else delete status.completedAt;
  if (waitGroup.metadata.generation !== undefined) status.observedGeneration = waitGroup.metadata.generation;
  return status;
}

function isOwnPartChanged({ status: stored }: WaitGroup, desired: WaitGroupStatus): boolean {
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
  if (completedAt === undefined || stored?.completedAt !== undefined) return [];
  return [{ type: 'Normal', reason: 'Completed', message: `All ${added} that were added are done` }];
}

function expired({ spec, status }: WaitGroup): DecisionEvent {
  const message = `Deleted: its ttl of ${spec?.ttl} after the completion at ${status?.completedAt} is over`;
  return { type: 'Normal', reason: 'Expired', message };
}
