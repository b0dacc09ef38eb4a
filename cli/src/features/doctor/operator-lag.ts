// What the operator should have done for a WaitGroup by now and has not: a sign that it does not run.
import { currentStatus, expiryOf, isCompleted, type WaitGroup } from '@konductor/schema';
import { formatSeconds, secondsSince } from '../../output/age.ts';

/** A new leader takes as long, and clocks differ. */
export const PATIENCE_SECONDS = 20;

/** Undefined where it has done everything, or still has time. */
export function describeLag(group: WaitGroup, now: Date): string | undefined {
  if (group.metadata.deletionTimestamp !== undefined) return undefined;
  return describeExpired(group, now) ?? describeUnrecorded(group, now) ?? describeUnreconciled(group, now);
}

function describeExpired(group: WaitGroup, now: Date): string | undefined {
  const expiry = expiryOf(group);
  if (expiry === undefined) return undefined;
  const seconds = Math.floor((now.getTime() - expiry.startMs - expiry.durationMs) / 1000);
  return seconds > PATIENCE_SECONDS
    ? `its TTL expired ${formatSeconds(seconds)} ago, but it has not been deleted`
    : undefined;
}

function describeUnrecorded(group: WaitGroup, now: Date): string | undefined {
  const status = currentStatus(group);
  const since = status.conditions?.find(({ type }) => type === 'Done')?.lastTransitionTime ?? '';
  if (!isCompleted(status) || status.completedAt !== undefined || !isLongAgo(since, now)) return undefined;
  return 'the operator has not recorded the completion, which starts the TTL';
}

function describeUnreconciled({ metadata, status }: WaitGroup, now: Date): string | undefined {
  const { generation, creationTimestamp = '' } = metadata;
  if (status?.observedGeneration === generation || !isLongAgo(creationTimestamp, now)) return undefined;
  return `the operator has not reconciled ${status?.observedGeneration === undefined ? 'it' : 'the last change to its spec'}`;
}

function isLongAgo(time: string, now: Date): boolean {
  return secondsSince(time, now) > PATIENCE_SECONDS;
}
