// The work that the operator should have done by now and has not. A WaitGroup without a TTL needs no operator.
import { currentStatus, expiryOf, isCompleted, type WaitGroup } from '@konductor/schema';
import { formatSeconds, secondsSince } from '../../output/age.ts';
import { commandOn } from '../../output/command-line.ts';
import type { Advice } from './advice.ts';

/** The operator, a new leader, or the controller of a finalizer needs some time. */
export const PATIENCE_SECONDS = 60;

export function adviseOnOperator(group: WaitGroup, now: Date): Advice | undefined {
  if (group.spec?.ttl === undefined || group.metadata.deletionTimestamp !== undefined) return undefined;
  const state = describeExpired(group, now) ?? describeUnrecorded(group, now) ?? describeUnreconciled(group, now);
  if (state === undefined) return undefined;
  const steps = [
    { purpose: 'check whether the operator is running', command: commandOn('koncli doctor', group.metadata) },
  ];
  return { state, needsAttention: true, steps };
}

function describeExpired(group: WaitGroup, now: Date): string | undefined {
  const expiry = expiryOf(group);
  if (expiry === undefined) return undefined;
  const seconds = Math.floor((now.getTime() - expiry.completedAtMs - expiry.ttlMs) / 1000);
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
