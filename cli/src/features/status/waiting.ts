// The advice on a WaitGroup with outstanding work: its progress, and how to find out why there is none.
import { currentStatus, MAX_RECENT_OPERATIONS, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { formatAgo, formatSeconds, secondsSince } from '../../output/age.ts';
import { commandOn, shell } from '../../output/command-line.ts';
import type { WorkerMove } from '../workers/outstanding.ts';
import type { Advice, Evidence, Step } from './advice.ts';
import { describeLostWorkers, releaseLost, repairCounter } from './lost-workers.ts';
import { describeDeadline } from './time-limits.ts';
import { describeLostWork } from './workers.ts';

/** Without progress for this long, work may be lost. */
const STALLED_SECONDS = 30 * 60;
/** Without a change for this long, workers may not have started. */
const STARTING_SECONDS = 60;

export function adviseOnWaiting(group: WaitGroup, { pods, outstanding, now }: Evidence): Advice {
  const status = currentStatus(group);
  const { counter, added } = status;
  const quietSeconds = secondsSince(quietSince({ ...group, status }, outstanding?.lastFinished), now);
  const isStalled = quietSeconds >= STALLED_SECONDS;
  const clauses = [`Waiting: ${counter} outstanding, ${added ?? counter} added in total`];
  clauses.push(describeLastChange(status, outstanding?.last, now));
  if (isStalled) clauses.push(`no work marked done for ${formatSeconds(quietSeconds)}`);
  const lost = [describeLostWorkers(outstanding), describeLostWork(group, pods, quietSeconds)].filter(
    (one) => one !== undefined,
  );
  clauses.push(...lost.map(({ text }) => text));
  const needsAttention = isStalled || lost.some(({ isCertain }) => isCertain);
  const state = clauses.join('; ') + describeDeadline(group, now);
  const repairs = [...releaseLost(group, outstanding), ...repairCounter(group)];
  const steps = needsAttention ? [jobs(group), ...repairs] : stepsFor(group, quietSeconds);
  return { state, needsAttention, steps };
}

function stepsFor(group: WaitGroup, quietSeconds: number): Step[] {
  const { recentOperations = [], workers } = currentStatus(group);
  const hasBegun = recentOperations.length > 0 || workers !== undefined;
  if (hasBegun || quietSeconds < STARTING_SECONDS) return [wait(group), pods(group, 'see which workers are running')];
  return [pods(group, 'check whether the workers have started'), wait(group)];
}

type Operation = NonNullable<WaitGroupStatus['recentOperations']>[number];

/** Whether the counter changed last, or the record of a worker. */
function describeLastChange(
  { recentOperations: [last] = [] }: WaitGroupStatus,
  move: WorkerMove | undefined,
  now: Date,
): string {
  if (move && !(last && Date.parse(last.at) > Date.parse(move.at)))
    return `last change ${formatAgo(move.at, now)} by worker ${move.worker} (${move.state})`;
  return last ? `last change ${describeChange(last, now)}` : 'no change yet';
}

function describeChange({ at, by, delta }: Operation, now: Date): string {
  return `${formatAgo(at, now)} by ${by || 'unknown'} (${delta > 0 ? '+' : ''}${delta})`;
}

/** The latest time before which work may have been marked done. */
function quietSince({ metadata, status }: WaitGroup, finished: WorkerMove | undefined): string {
  const { recentOperations = [], conditions = [] } = status ?? {};
  const done = recentOperations.find(({ delta }) => delta < 0);
  const forgotten = recentOperations.length === MAX_RECENT_OPERATIONS ? recentOperations.at(-1) : undefined;
  const began = conditions.find(({ type }) => type === 'Done')?.lastTransitionTime;
  const times = [(done ?? forgotten)?.at, finished?.at, began, metadata.creationTimestamp].filter(
    (time) => time !== undefined,
  );
  return times.reduce((one, other) => (Date.parse(one) >= Date.parse(other) ? one : other), new Date(0).toISOString());
}

function pods({ metadata: { namespace = '' } }: WaitGroup, purpose: string): Step {
  return { purpose, command: shell`kubectl get pods -n ${namespace}` };
}

/** The pods of a Job that has failed may be gone. */
function jobs({ metadata: { namespace = '' } }: WaitGroup): Step {
  return {
    purpose: 'see which workers are running or have failed',
    command: shell`kubectl get jobs,pods -n ${namespace}`,
  };
}

function wait(group: WaitGroup): Step {
  return { purpose: 'wait for it to complete', command: commandOn('koncli waitgroup wait', group.metadata) };
}
