// What to do about one group: a pure function of the group and the time. apply.ts does it.
import {
  currentStatus,
  isCompleted,
  reflectCounter,
  toMilliseconds,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';
import type { RecordedOccasion } from './event-recorder.ts';
import { lookAgainMs, type Now, untilExpiryMs } from './expiry.ts';

/** An Event to be published once the decision has been carried out. */
export interface DecisionEvent extends RecordedOccasion {
  readonly reason: 'Completed' | 'Expired';
  readonly occasion: string;
}

/** Longer than it takes the next leader to take over, and few groups' worth of Events that were published all the same. */
const TELL_AGAIN_MS = 120_000;

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

function transitions({ status: stored }: WaitGroup, desired: WaitGroupStatus): DecisionEvent[] {
  const event = stored?.completedAt === undefined ? completed(desired) : undefined;
  return event ? [event] : [];
}

/**
 * The Event of a completion that was recorded a moment ago, but not by this process as far as it knows: who did may have
 * died before it published it, or the answer to this process's own write was lost.
 */
export function inheritedEvent({ status }: WaitGroup, { wall, sinceCompletionMs }: Now): DecisionEvent | undefined {
  if (status?.completedAt === undefined || sinceCompletionMs !== undefined) return undefined;
  return wall.getTime() - Date.parse(status.completedAt) < TELL_AGAIN_MS ? completed(status) : undefined;
}

function completed({ completedAt, added = 0 }: WaitGroupStatus): DecisionEvent | undefined {
  if (completedAt === undefined) return undefined;
  const message = `All ${added} that were added are done`;
  return { type: 'Normal', reason: 'Completed', message, occasion: completedAt };
}

function expired({ spec, status }: WaitGroup): DecisionEvent {
  const { completedAt = '' } = status ?? {};
  const message = `Deleted: its ttl of ${spec?.ttl} after the completion at ${completedAt} is over`;
  return { type: 'Normal', reason: 'Expired', message, occasion: completedAt };
}
