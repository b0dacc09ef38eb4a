// The condition Overrun: workers have finished work of others that was never added, or not yet. It stays uncounted until an add
// makes room.
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
    const text = `Workers marked ${uncounted} more done than were added, among them ${names.join(', ')}`;
    const next = { type: 'Overrun', status: 'True', reason: 'DoneWithoutAdd' } as const;
    const message = cutText(text, MAX_CONDITION_MESSAGE);
    return {
      ...status,
      conditions: setCondition(conditions, { ...next, message, lastTransitionTime: toSeconds(now) }),
    };
  }
  return isOverrun(status) ? { ...status, conditions: conditions.filter(({ type }) => type !== 'Overrun') } : status;
}
