// The advice on what the operator has left alone for too long: the WaitGroup, unless it has no TTL and no deadline, and the records
// and Jobs of workers.
import { currentStatus, MAX_COUNTER, type WaitGroup } from '@konductor/schema';
import { formatSeconds, secondsSince } from '../../output/age.ts';
import { commandOn } from '../../output/command-line.ts';
import { describeLag, PATIENCE_SECONDS } from '../doctor/operator-lag.ts';
import type { Advice, Evidence } from './advice.ts';
import { countedJobs } from './counted-jobs.ts';

export function adviseOnOperator(group: WaitGroup, evidence: Evidence): Advice | undefined {
  const { ttl, deadline } = group.spec ?? {};
  const lag = ttl === undefined && deadline === undefined ? undefined : describeLag(group, evidence.now);
  const clauses = [lag, describeUncounted(group, evidence), describeUncountedJobs(group, evidence)];
  const state = clauses.filter((clause) => clause !== undefined).join('; ');
  if (state === '') return undefined;
  const command = commandOn('koncli doctor', group.metadata);
  return { state, needsAttention: true, steps: [{ purpose: 'check whether the operator is running', command }] };
}

/** The records that wait to be counted, unless the counter has no room for them. */
function describeUncounted(group: WaitGroup, { outstanding, now }: Evidence): string | undefined {
  const overdue = (outstanding?.uncounted ?? []).map(({ at }) => secondsSince(at, now)).filter(isOverdue);
  if (overdue.length === 0 || isDeleted(group) || currentStatus(group).counter === MAX_COUNTER) return undefined;
  const what = overdue.length === 1 ? 'change of a worker is' : 'changes of workers are';
  return `${overdue.length} ${what} not counted, for up to ${formatSeconds(Math.max(...overdue))}`;
}

function describeUncountedJobs(group: WaitGroup, { outstanding, jobs, now }: Evidence): string | undefined {
  const due = countedJobs(outstanding, jobs).filter(({ dueSince }) => isOverdue(secondsSince(dueSince ?? '', now)));
  if (due.length === 0 || isDeleted(group)) return undefined;
  const names = due.slice(0, 3).map(({ name }) => name);
  return `the operator has not counted ${due.length === 1 ? 'Job' : 'Jobs'} ${names.join(', ')}${due.length > 3 ? ', …' : ''}`;
}

function isOverdue(seconds: number): boolean {
  return seconds > PATIENCE_SECONDS;
}

function isDeleted({ metadata }: WaitGroup): boolean {
  return metadata.deletionTimestamp !== undefined;
}
