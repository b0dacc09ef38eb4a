// What is said of a group with work outstanding: how it gets on, and when nobody has been done for long, how to find out why.
import { currentStatus, MAX_RECENT_OPERATIONS, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { formatAgo, formatSeconds, secondsSince } from '../output/age.ts';
import { oneLine } from '../process/log.ts';
import { type Advice, commandOn, type Step } from './advice.ts';

/** Work of which nothing is done for so long may be lost. */
const STALLED_SECONDS = 30 * 60;
/** Workers that nobody has heard of for so long may not have started. */
const STARTING_SECONDS = 60;

export function adviseOnWaiting(group: WaitGroup, now: Date): Advice {
  const status = currentStatus(group);
  const { counter, added, recentOperations: [last] = [] } = status;
  const quietSeconds = secondsSince(quietSince(group, status), now);
  const isStalled = quietSeconds >= STALLED_SECONDS;
  const clauses = [`Waiting: ${counter} outstanding, ${added ?? counter} added in all`];
  clauses.push(last ? `the last change was ${describeChange(last, now)}` : 'no change yet');
  if (isStalled) clauses.push(`nobody has said done for ${formatSeconds(quietSeconds)}`);
  return { state: clauses.join('; '), needsAttention: isStalled, steps: stepsFor(group, quietSeconds) };
}

function stepsFor(group: WaitGroup, quietSeconds: number): Step[] {
  const hasBegun = (group.status?.recentOperations ?? []).length > 0;
  if (quietSeconds >= STALLED_SECONDS) return [pods(group, 'which workers still run?'), repair(group)];
  if (hasBegun || quietSeconds < STARTING_SECONDS) return [wait(group)];
  return [pods(group, 'have the workers started?'), wait(group)];
}

type Operation = NonNullable<WaitGroupStatus['recentOperations']>[number];

function describeChange({ at, by, delta }: Operation, now: Date): string {
  return `${formatAgo(at, now)} by ${oneLine(by) || 'somebody'} (${delta > 0 ? '+' : ''}${delta})`;
}

/** The latest time before which somebody may have been done. */
function quietSince({ metadata }: WaitGroup, { recentOperations = [], conditions = [] }: WaitGroupStatus): string {
  const done = recentOperations.find(({ delta }) => delta < 0);
  const forgotten = recentOperations.length === MAX_RECENT_OPERATIONS ? recentOperations.at(-1) : undefined;
  const began = conditions.find(({ type }) => type === 'Done')?.lastTransitionTime;
  const times = [(done ?? forgotten)?.at, began, metadata.creationTimestamp].filter((time) => time !== undefined);
  return times.reduce((one, other) => (Date.parse(one) >= Date.parse(other) ? one : other), new Date(0).toISOString());
}

function pods({ metadata: { namespace = '' } }: WaitGroup, purpose: string): Step {
  return { purpose, command: `kubectl get pods -n ${namespace}` };
}

function repair(group: WaitGroup): Step {
  const purpose = 'if some are gone, repair the count to what is really outstanding';
  return { purpose, command: commandOn('koncli waitgroup set', group, ' --counter N --reason WHY') };
}

function wait(group: WaitGroup): Step {
  return { purpose: 'to be there when it is done', command: commandOn('koncli waitgroup wait', group) };
}
