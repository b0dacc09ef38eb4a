// The condition Overrun: workers have finished work of others that was never added, or not yet. It stays uncounted until an add
// makes room.
import { fillIn } from '../kind/events.ts';
import { OVERRUN_REASONS } from '../kind/reasons.ts';
import type { WaitGroupStatus } from '../shape/wait-group.ts';
import type { WaitGroupWorker } from '../shape/worker.ts';
import { MAX_CONDITION_MESSAGE } from '../values/limits.ts';
import { cutText } from '../values/text.ts';
import { toSeconds } from '../values/timestamp.ts';
import { setCondition } from './set-condition.ts';

export function isOverrun({ conditions = [] }: WaitGroupStatus): boolean {
  return conditions.some(({ type }) => type === 'Overrun');
}

export interface Overrun {
  /** Finished work that the counter has no room for. */
  readonly uncounted: number;
  readonly records: readonly WaitGroupWorker[];
}

/** Returns the status with the condition, which is absent if all finished work is counted. */
export function reflectOverrun(status: WaitGroupStatus, { uncounted, records }: Overrun, now: Date): WaitGroupStatus {
  const { conditions = [] } = status;
  if (uncounted > 0) {
    const names = records.filter(({ spec }) => spec.borrowed > 0).map(({ spec }) => spec.worker);
    const reason = 'DoneWithoutAdd';
    const values = { count: uncounted, workers: names.join(', ') };
    const text = fillIn(OVERRUN_REASONS[reason], values);
    const next = { type: 'Overrun', status: 'True', reason } as const;
    const message = cutText(text, MAX_CONDITION_MESSAGE);
    return {
      ...status,
      conditions: setCondition(conditions, { ...next, message, lastTransitionTime: toSeconds(now) }),
    };
  }
  return isOverrun(status) ? { ...status, conditions: conditions.filter(({ type }) => type !== 'Overrun') } : status;
}
