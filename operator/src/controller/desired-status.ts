// The status of a WaitGroup as it should be: the stored one with the fields of the operator. The fields of the counting rule stay
// unchanged, except that the operator fails a round whose deadline has expired.
import {
  currentStatus,
  endRound,
  type FailureReason,
  failRound,
  isCompleted,
  isUndecided,
  type NewFailure,
  reflectCounter,
  reflectOutcome,
  toMilliseconds,
  type WaitGroup,
  type WaitGroupStatus,
} from '@konductor/schema';
import { isCredible, type Now, untilDeadlineMs } from './time-limits.ts';

/** The fields with the time when the operator observed something. */
export type TimeField = 'completedAt' | 'failedAt' | 'startedAt';

export function desiredStatus(waitGroup: WaitGroup, now: Now): WaitGroupStatus {
  const { generation } = waitGroup.metadata;
  const withTime = (status: WaitGroupStatus, field: TimeField): WaitGroupStatus => {
    const time = status[field];
    const isKept = time !== undefined && isCredible(time, waitGroup, now);
    return isKept ? status : { ...status, [field]: toMilliseconds(now.time) };
  };
  let status = repaired(currentStatus(waitGroup), now);
  if (waitGroup.spec?.deadline !== undefined && isUndecided(status)) status = withTime(status, 'startedAt');
  status = afterDeadline({ ...waitGroup, status }, now);
  if (status.outcome === 'Failed') status = withTime(status, 'failedAt');
  if (isCompleted(status)) status = withTime(status, 'completedAt');
  return generation === undefined ? status : { ...status, observedGeneration: generation };
}

/** Sets what the counting rule always sets: only a status that was written by hand, or by an older client, lacks it. */
function repaired(stored: WaitGroupStatus, { time }: Now): WaitGroupStatus {
  const isReflected = stored.conditions?.some(({ type }) => type === 'Done');
  const status = reflectOutcome(isReflected ? stored : reflectCounter(stored, time), time);
  if (isCompleted(status)) return endRound(status);
  const { completedAt: _, ...uncompleted } = status;
  return uncompleted;
}

function afterDeadline(waitGroup: WaitGroup & { status: WaitGroupStatus }, now: Now): WaitGroupStatus {
  const leftMs = untilDeadlineMs(waitGroup, now);
  if (leftMs === undefined || leftMs > 0) return waitGroup.status;
  return failRound(waitGroup.status, deadlineExceeded(waitGroup), now.time);
}

function deadlineExceeded({ spec, status }: WaitGroup): NewFailure {
  const message = `Work was outstanding longer than the deadline of ${spec?.deadline}; the counter was ${status?.counter}`;
  return { reason: 'DeadlineExceeded' satisfies FailureReason, message };
}
