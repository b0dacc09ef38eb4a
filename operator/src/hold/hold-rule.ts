// Decides whether a Job or a pod that waits for a WaitGroup is let go: a pure function of the object, of two states of the WaitGroup
// one after the other, and of the time.
import { currentStatus, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import type { EventToRecord } from '../controller/event-recorder.ts';
import type { HeldObject } from './held-object.ts';
import {
  invalidMinAdded,
  notHeld,
  suspendedAgain,
  waitGroupFailed,
  waitGroupMissing,
  waitsForItself,
} from './hold-events.ts';

/** A WaitGroup as it is, and as it was before; undefined: it does not exist, or was not observed. */
export interface GroupChange {
  readonly current: WaitGroup | undefined;
  readonly previous?: WaitGroup | undefined;
}

/** Why an object is let go. */
export type Cause = 'Done' | 'Failed' | 'Missing';

export type HoldVerdict =
  | { readonly kind: 'letGo'; readonly cause: Cause; readonly message: string }
  /** The object stays as it is; `event` says what its user should know. */
  | { readonly kind: 'leave'; readonly event?: EventToRecord; readonly requeueAfterMs?: number };

/** So that objects that are created together with their WaitGroup, in any order, are not reported. */
const APPEAR_MS = 30_000;
/** An older object was judged before: its Event has expired. */
const FRESH_MS = 600_000;
/** Nothing is to be done. */
export const LEAVE: HoldVerdict = { kind: 'leave' };

export function judgeHold(object: HeldObject, { current, previous }: GroupChange, now: Date): HoldVerdict {
  if (object.isSuspendedAgain) return leave(suspendedAgain(object));
  if (object.hold === undefined) return isNeverHeld(object, now) ? leave(notHeld(object)) : LEAVE;
  if (Number.isNaN(object.minAdded)) return leave(invalidMinAdded(object));
  if (current === undefined) return judgeMissing(object, ageOf(object, now));
  if (current.metadata.deletionTimestamp !== undefined) return LEAVE;
  return judgeRound(object, current, previous);
}

function isNeverHeld(object: HeldObject, now: Date): boolean {
  return object.wasNeverHeld && ageOf(object, now) < FRESH_MS;
}

function ageOf({ metadata }: HeldObject, now: Date): number {
  return now.getTime() - Date.parse(metadata.creationTimestamp ?? '');
}

function judgeMissing(object: HeldObject, ageMs: number): HoldVerdict {
  if (ageMs < APPEAR_MS) return { kind: 'leave', requeueAfterMs: APPEAR_MS - ageMs };
  // An empty value names no WaitGroup, and its path is that of all of them.
  if (!object.isReleasedOnMissing || object.after === '') return leave(waitGroupMissing(object));
  const message = `WaitGroup ${object.after} does not exist, and konductor.io/on-missing is release`;
  return { kind: 'letGo', cause: 'Missing', message };
}

function judgeRound(object: HeldObject, current: WaitGroup, previous: WaitGroup | undefined): HoldVerdict {
  const { after, minAdded, isReleasedOnFailure, isCounted } = object;
  const status = currentStatus(current);
  const before = previous && currentStatus(previous);
  if (isDone(status, minAdded) || (before && hasSucceeded(before, status, minAdded)))
    return { kind: 'letGo', cause: 'Done', message: `WaitGroup ${after} is done` };
  if (status.outcome !== 'Failed' && !(before && hasFailed(before, status)))
    return isCounted ? leave(waitsForItself(object)) : LEAVE;
  if (!isReleasedOnFailure) return leave(waitGroupFailed(object, current));
  return {
    kind: 'letGo',
    cause: 'Failed',
    message: `WaitGroup ${after} failed, and konductor.io/on-failure is release`,
  };
}

function isDone({ counter, added = 0, outcome }: WaitGroupStatus, minAdded: number): boolean {
  return counter === 0 && outcome !== 'Failed' && added >= minAdded;
}

/** Whether a round succeeded between two states, so that a short Done between two rounds is not missed. */
function hasSucceeded(before: WaitGroupStatus, status: WaitGroupStatus, minAdded: number): boolean {
  const completed = totalOf(status.completions) - totalOf(before.completions);
  const failed = totalOf(status.failures) - totalOf(before.failures);
  // A failure counts at once, and the completion of its round later.
  const failedAndCompleted = failed + Number(isFailing(before)) - Number(isFailing(status));
  return completed > failedAndCompleted && totalOf(status.addedAtCompletion) >= minAdded;
}

function hasFailed(before: WaitGroupStatus, status: WaitGroupStatus): boolean {
  return totalOf(status.failures) > totalOf(before.failures);
}

function isFailing({ counter, outcome }: WaitGroupStatus): boolean {
  return counter > 0 && outcome === 'Failed';
}

function totalOf(total = 0): number {
  return total;
}

function leave(event: EventToRecord): HoldVerdict {
  return { kind: 'leave', event };
}
