// The outcome of a round: from when the counter leaves zero until it is zero again. A round that has failed stays failed, however
// its work ends.

import type { WaitGroupFailure, WaitGroupStatus } from '../shape/wait-group.ts';
import { MAX_CLIENT_NAME, MAX_CONDITION_MESSAGE, MAX_FAILURE_MESSAGE, MAX_TOTAL } from '../values/limits.ts';
import { cutText, toPrintable } from '../values/text.ts';
import { toMilliseconds, toSeconds } from '../values/timestamp.ts';
import { setCondition } from './set-condition.ts';

/** What failed, in the words of whoever reports it. */
export interface NewFailure {
  /** One CamelCase word, such as WorkerFailed or DiskFull. */
  readonly reason: string;
  /** For people; cut to 1,024 characters. */
  readonly message: string;
  /** The worker that failed, if one did. */
  readonly worker?: string | undefined;
}

/** The conditions of a failed round; Stalled is what kstatus, and so Flux, Helm and kpt, read as failed. */
const FAILURE_CONDITIONS: readonly string[] = ['Failed', 'Stalled'];

/** Fails the present round, in which work is outstanding. The first failure of a round stands: a second one changes nothing. */
export function failRound(status: WaitGroupStatus, failure: NewFailure, now: Date): WaitGroupStatus {
  if (status.outcome !== undefined) return status;
  const { reason, message, worker } = failure;
  const recorded: WaitGroupFailure = {
    reason,
    message: cutText(message, MAX_FAILURE_MESSAGE),
    ...(worker && { worker: toPrintable(worker, MAX_CLIENT_NAME) }),
    at: toMilliseconds(now),
  };
  const failures = increase(status.failures, 1);
  return reflectOutcome({ ...status, outcome: 'Failed', failure: recorded, failures }, now);
}

/** Whether work is outstanding in a round that has not failed. */
export function isUndecided({ counter, outcome }: WaitGroupStatus): boolean {
  return counter > 0 && outcome === undefined;
}

/** Ends a round whose work is done: it succeeded, unless it has failed. */
export function endRound(status: WaitGroupStatus): WaitGroupStatus {
  return status.outcome === undefined ? { ...status, outcome: 'Succeeded' } : status;
}

/** Removes what the status says about the round before. */
export function beginRound(status: WaitGroupStatus, now: Date): WaitGroupStatus {
  const { completedAt: _c, startedAt: _s, failedAt: _f, outcome: _o, failure: _l, ...undecided } = status;
  return reflectOutcome(undecided, now);
}

/** Returns the status with the conditions Failed and Stalled that follow from its outcome: both are absent unless it failed. */
export function reflectOutcome(status: WaitGroupStatus, now: Date): WaitGroupStatus {
  const { conditions, outcome, failure } = status;
  if (outcome !== 'Failed' || failure === undefined) {
    if (!conditions?.some(({ type }) => FAILURE_CONDITIONS.includes(type))) return status;
    return { ...status, conditions: conditions.filter(({ type }) => !FAILURE_CONDITIONS.includes(type)) };
  }
  const { reason } = failure;
  const message = cutText(failure.message, MAX_CONDITION_MESSAGE);
  const next = { status: 'True', reason, message, lastTransitionTime: toSeconds(now) } as const;
  const set = FAILURE_CONDITIONS.reduce((list, type) => setCondition(list, { type, ...next }), conditions ?? []);
  return { ...status, conditions: set };
}

/** A total stops at its maximum, which no honest client reaches: a forged one must not prevent counting. */
export function increase(total = 0, by: number): number {
  return Math.min(total + by, MAX_TOTAL);
}
