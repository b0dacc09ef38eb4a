// What the operator should have done for a WaitGroup by now and has not: a sign that it does not run.
import { deadlineOf, expiryOf, isCompleted, isUndecided, type TimeLimit, type WaitGroup } from '@konductor/schema';
import { formatSeconds, secondsSince } from '../../output/age.ts';

/** A new leader takes as long, and clocks differ. */
export const PATIENCE_SECONDS = 20;

/** Undefined where it has done everything, or still has time. */
export function describeLag(group: WaitGroup, now: Date): string | undefined {
  if (group.metadata.deletionTimestamp !== undefined) return undefined;
  return (
    describeOverdue(expiryOf(group), now, ['TTL', 'it has not been deleted']) ??
    describeOverdue(deadlineOf(group), now, ['deadline', 'it has not failed']) ??
    describeUnrecorded(group, now) ??
    describeUnreconciled(group, now)
  );
}

function describeOverdue(limit: TimeLimit | undefined, now: Date, [what, omission]: [string, string]) {
  if (limit === undefined) return undefined;
  const seconds = Math.floor((now.getTime() - limit.startMs - limit.durationMs) / 1000);
  return seconds > PATIENCE_SECONDS ? `its ${what} expired ${formatSeconds(seconds)} ago, but ${omission}` : undefined;
}

/** The times that only the operator writes. */
function describeUnrecorded({ spec, metadata, status }: WaitGroup, now: Date): string | undefined {
  if (status === undefined) return undefined;
  const since = status.conditions?.find(({ type }) => type === 'Done')?.lastTransitionTime;
  if (isCompleted(status) && status.completedAt === undefined && isLongAgo(since, now))
    return 'the operator has not recorded the completion, which starts the TTL';
  if (status.failure && status.failedAt === undefined && isLongAgo(status.failure.at, now))
    return 'the operator has not recorded the failure, which starts the TTL';
  const isRunning = isUndecided(status) && spec?.deadline !== undefined;
  if (isRunning && status.startedAt === undefined && isLongAgo(since ?? metadata.creationTimestamp, now))
    return 'the operator has not recorded the start of the work, which starts the deadline';
  return undefined;
}

function describeUnreconciled({ metadata, status }: WaitGroup, now: Date): string | undefined {
  const { generation, creationTimestamp } = metadata;
  if (status?.observedGeneration === generation || !isLongAgo(creationTimestamp, now)) return undefined;
  return `the operator has not reconciled ${status?.observedGeneration === undefined ? 'it' : 'the last change to its spec'}`;
}

function isLongAgo(time = '', now: Date): boolean {
  return secondsSince(time, now) > PATIENCE_SECONDS;
}
