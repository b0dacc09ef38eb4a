// What the operator should have done to a group by now, and has not. Groups without a ttl need no operator.
import { currentStatus, expiryOf, isCompleted, type WaitGroup } from '@konductor/schema';
import { formatSeconds, secondsSince } from '../output/age.ts';
import { type Advice, commandOn } from './advice.ts';

/** It needs a moment, and so does a new leader. */
export const PATIENCE_SECONDS = 60;

export function adviseOnOperator(group: WaitGroup, now: Date): Advice | undefined {
  if (group.spec?.ttl === undefined || group.metadata.deletionTimestamp !== undefined) return undefined;
  const state = describeExpired(group, now) ?? describeUnrecorded(group, now) ?? describeUnseen(group, now);
  if (state === undefined) return undefined;
  const steps = [{ purpose: 'is the operator running?', command: commandOn('koncli doctor', group) }];
  return { state, needsAttention: true, steps };
}

function describeExpired(group: WaitGroup, now: Date): string | undefined {
  const expiry = expiryOf(group);
  if (expiry === undefined) return undefined;
  const seconds = Math.floor((now.getTime() - expiry.completedAtMs - expiry.ttlMs) / 1000);
  return seconds > PATIENCE_SECONDS
    ? `its ttl was over ${formatSeconds(seconds)} ago and it is still there`
    : undefined;
}

function describeUnrecorded(group: WaitGroup, now: Date): string | undefined {
  const status = currentStatus(group);
  const since = status.conditions?.find(({ type }) => type === 'Done')?.lastTransitionTime ?? '';
  if (!isCompleted(status) || status.completedAt !== undefined || !isLongAgo(since, now)) return undefined;
  return 'the operator has not recorded the completion, where the ttl begins';
}

function describeUnseen({ metadata, status }: WaitGroup, now: Date): string | undefined {
  const { generation, creationTimestamp = '' } = metadata;
  if (status?.observedGeneration === generation || !isLongAgo(creationTimestamp, now)) return undefined;
  return `the operator has not seen ${status?.observedGeneration === undefined ? 'it' : 'the last change of its spec'}`;
}

function isLongAgo(time: string, now: Date): boolean {
  return secondsSince(time, now) > PATIENCE_SECONDS;
}
