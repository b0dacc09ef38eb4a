// Decides when a wait ends, as a pure function of the events of one group. Streams and clocks are left to wait.ts.
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { currentStatus } from '@konductor/schema';
import type { ListWatchEvent } from '../../kubernetes/list-watch.ts';
import type { Absence } from '../wait-group-errors.ts';

/** What a wait knows so far. */
export interface WaitState {
  /** The uid of the group that was observed first: another one of the same name is not waited for. */
  readonly uid?: string | undefined;
  /** How many there were when the wait began, so that a short Done between two rounds is not missed. */
  readonly completions: number;
  readonly lastStatus?: WaitGroupStatus | undefined;
}

export type WaitVerdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'pending'; readonly group: WaitGroup }
  | { readonly kind: 'done'; readonly group: WaitGroup }
  | { readonly kind: 'gone'; readonly absence: Absence };

/** `minAdded`: a counter of zero is not done until this much was added. */
export function observe(
  state: WaitState | undefined,
  event: ListWatchEvent<WaitGroup>,
  minAdded = 0,
): { readonly state: WaitState; readonly verdict: WaitVerdict } {
  const group = event.type === 'LISTED' ? event.items[0] : event.object;
  if (!group) return observeAbsence(state ?? { completions: 0 });
  const status = currentStatus(group);
  const before = state ?? { completions: status.completions ?? 0 };
  if (before.uid !== undefined && before.uid !== group.metadata.uid)
    return { state: before, verdict: { kind: 'gone', absence: 'recreated' } };
  // A restore from a backup takes completions back.
  const completions = Math.min(before.completions, status.completions ?? 0);
  const after = { completions, uid: group.metadata.uid, lastStatus: status };
  const isGoing = event.type === 'DELETED' || group.metadata.deletionTimestamp !== undefined;
  if (hasCompletedSince(completions, status, minAdded)) return { state: after, verdict: { kind: 'done', group } };
  if (isGoing) return { state: after, verdict: { kind: 'gone', absence: 'deleted' } };
  return { state: after, verdict: { kind: isZero(status, minAdded) ? 'done' : 'pending', group } };
}

function observeAbsence(state: WaitState): { state: WaitState; verdict: WaitVerdict } {
  return { state, verdict: state.uid === undefined ? { kind: 'absent' } : { kind: 'gone', absence: 'deleted' } };
}

function isZero({ counter, added = 0 }: WaitGroupStatus, minAdded: number): boolean {
  return counter === 0 && added >= minAdded;
}

function hasCompletedSince(completions: number, status: WaitGroupStatus, minAdded: number): boolean {
  return (status.completions ?? 0) > completions && (status.addedAtCompletion ?? 0) >= minAdded;
}
