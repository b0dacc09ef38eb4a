// Decides when a wait ends, as a pure function of the events of one group. Streams and clocks are left to wait.ts.
import { currentStatus, type WaitGroup, type WaitGroupFailure, type WaitGroupStatus } from '@konductor/schema';
import type { ListWatchEvent } from '../../kubernetes/list-watch.ts';
import type { Absence } from '../wait-group-errors.ts';

/** What a wait knows so far. */
export interface WaitState {
  /** The uid of the group that was observed first: another one of the same name is not waited for. */
  readonly uid?: string | undefined;
  /** How many there were when the wait began, so that a short Done between two rounds is not missed. */
  readonly completions: number;
  /** Likewise, so that a round that failed is not missed. */
  readonly failures: number;
  readonly lastStatus?: WaitGroupStatus | undefined;
}

export type WaitVerdict =
  | { readonly kind: 'absent' }
  | { readonly kind: 'pending'; readonly group: WaitGroup }
  | { readonly kind: 'done'; readonly group: WaitGroup }
  /** The failure is unknown when the round that failed was over before it was read. */
  | { readonly kind: 'failed'; readonly failure: WaitGroupFailure | undefined }
  | { readonly kind: 'gone'; readonly absence: Absence };

/** What a wait is for. */
export interface WaitRule {
  /** A counter of zero is not done until this much was added. */
  readonly minAdded?: number | undefined;
  /** A round that failed is done like any other once no work is outstanding. */
  readonly ignoreFailure?: boolean | undefined;
}

export function observe(
  before: WaitState | undefined,
  event: ListWatchEvent<WaitGroup>,
  rule: WaitRule = {},
): { readonly state: WaitState; readonly verdict: WaitVerdict } {
  const group = event.type === 'LISTED' ? event.items[0] : event.object;
  if (!group) return observeAbsence(before ?? { completions: 0, failures: 0 });
  if (before?.uid !== undefined && before.uid !== group.metadata.uid)
    return { state: before, verdict: { kind: 'gone', absence: 'recreated' } };
  const status = currentStatus(group);
  const state = remember(before, status, group.metadata.uid);
  const end = endSince(state, status, rule);
  if (end !== undefined) return { state, verdict: verdictOf(end, group) };
  const isGoing = event.type === 'DELETED' || group.metadata.deletionTimestamp !== undefined;
  if (isGoing) return { state, verdict: { kind: 'gone', absence: 'deleted' } };
  return { state, verdict: verdictOf(presentEnd(status, rule), group) };
}

function observeAbsence(state: WaitState): { state: WaitState; verdict: WaitVerdict } {
  return { state, verdict: state.uid === undefined ? { kind: 'absent' } : { kind: 'gone', absence: 'deleted' } };
}

/** The state after a status; a restore from a backup takes totals back. */
function remember(before: WaitState | undefined, lastStatus: WaitGroupStatus, uid: string | undefined): WaitState {
  const { completions = 0, failures = 0 } = lastStatus;
  return {
    completions: Math.min(before?.completions ?? completions, completions),
    failures: Math.min(before?.failures ?? failures, failures),
    uid,
    lastStatus,
  };
}

type End = 'done' | 'failed' | undefined;

/** How a round ended since the wait began. */
function endSince(since: WaitState, status: WaitGroupStatus, { minAdded = 0, ignoreFailure }: WaitRule): End {
  const { completions = 0, failures = 0, addedAtCompletion = 0 } = status;
  const hasCompleted = completions > since.completions && addedAtCompletion >= minAdded;
  const newFailures = ignoreFailure ? 0 : failures - since.failures;
  // Those that completed before the present round succeeded.
  const isPresentAlone = newFailures === 1 && status.counter > 0 && status.outcome === 'Failed';
  if (newFailures > 0 && !(isPresentAlone && hasCompleted)) return 'failed';
  return hasCompleted ? 'done' : undefined;
}

/** How the present round has ended, even if before the wait began. */
function presentEnd(status: WaitGroupStatus, { minAdded = 0, ignoreFailure }: WaitRule): End {
  const { counter, added = 0, outcome } = status;
  const isEnough = added >= minAdded;
  if (outcome === 'Failed' && !ignoreFailure && (counter > 0 || isEnough)) return 'failed';
  return counter === 0 && isEnough ? 'done' : undefined;
}

function verdictOf(end: End, group: WaitGroup): WaitVerdict {
  if (end === 'failed') return { kind: 'failed', failure: group.status?.failure };
  return { kind: end ?? 'pending', group };
}
