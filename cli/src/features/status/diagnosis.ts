// Diagnoses a WaitGroup: its state and the next steps as a pure function of the WaitGroup, its Events and the time.
import type { RecordedEvent } from '@konductor/client';
import { currentStatus, isCompleted, type WaitGroup } from '@konductor/schema';
import { formatAge, formatAgo, secondsSince } from '../../output/age.ts';
import { commandOn } from '../../output/command-line.ts';
import { byTime, timeOf } from '../../output/event-table.ts';
import { PATIENCE_SECONDS } from '../doctor/operator-lag.ts';
import type { Advice, Evidence } from './advice.ts';
import { adviseOnFailed } from './failed.ts';
import { adviseOnHeld } from './holding.ts';
import { adviseOnOperator } from './operator-lag.ts';
import { adviseOnOverrun } from './overrun.ts';
import { describeExpiry } from './time-limits.ts';
import { adviseOnWaiting } from './waiting.ts';

/** Older warnings are no longer relevant. */
const RECENT_SECONDS = 60 * 60;
/** The reasons of warnings that the status itself contains, as long as they are relevant. */
const IN_STATUS: readonly string[] = ['Failed', 'DeadlineExceeded'];
/** Those about workers that other advice names, as long as they are lost. */
const ABOUT_LOST: readonly string[] = ['WorkerLost', 'JobFailed'];

/** Combines the advice on the state, on the operator and on the latest warning. */
export function diagnose(group: WaitGroup, evidence: Evidence): Advice {
  const { held, now } = evidence;
  const all = [
    adviseOnState(group, evidence),
    adviseOnOverrun(group),
    adviseOnHeld(group, held, now),
    adviseOnOperator(group, evidence),
    adviseOnWarning(evidence),
  ];
  const given = all.filter((advice) => advice !== undefined);
  return {
    state: given.map(({ state }) => state).join('; '),
    needsAttention: given.some(({ needsAttention }) => needsAttention),
    steps: [...given].sort(byAttention).flatMap(({ steps }) => steps),
  };
}

function byAttention(one: Advice, other: Advice): number {
  return Number(other.needsAttention) - Number(one.needsAttention);
}

function adviseOnState(group: WaitGroup, evidence: Evidence): Advice {
  const { now } = evidence;
  const status = currentStatus(group);
  if (group.metadata.deletionTimestamp !== undefined) return adviseOnDeletion(group, now);
  if (status.outcome === 'Failed') return adviseOnFailed(group, evidence);
  if (status.counter > 0) return adviseOnWaiting(group, evidence);
  return isCompleted(status) ? adviseOnCompleted(group, now) : adviseOnUnused(group);
}

function adviseOnDeletion(group: WaitGroup, now: Date): Advice {
  const { deletionTimestamp = '', finalizers = [] } = group.metadata;
  const state = `Terminating for ${formatAge(deletionTimestamp, now)}: add, done, fail and wait treat it as deleted`;
  if (finalizers.length === 0) return { state, needsAttention: false, steps: [] };
  return {
    state: `${state}; blocked by ${finalizers.length > 1 ? 'finalizers' : 'finalizer'} ${finalizers.join(', ')}`,
    needsAttention: secondsSince(deletionTimestamp, now) > PATIENCE_SECONDS,
    steps: [
      {
        purpose: 'if the controller of the finalizer no longer runs',
        command: commandOn(
          'kubectl patch waitgroup',
          group.metadata,
          ` --type=merge -p '{"metadata":{"finalizers":null}}'`,
        ),
      },
    ],
  };
}

function adviseOnCompleted(group: WaitGroup, now: Date): Advice {
  const { added, completedAt } = currentStatus(group);
  const when = completedAt === undefined ? '' : `, completed ${formatAgo(completedAt, now)}`;
  const state = `Done${when}; ${added} added in total`;
  if (group.spec?.ttl !== undefined)
    return { state: state + describeExpiry(group, now), needsAttention: false, steps: [] };
  const purpose = 'when it is no longer needed';
  const steps = [{ purpose, command: commandOn('koncli waitgroup delete', group.metadata) }];
  return { state: `${state}; no TTL, kept until deleted`, needsAttention: false, steps };
}

function adviseOnUnused(group: WaitGroup): Advice {
  const steps = [{ purpose: 'before the work starts', command: commandOn('koncli waitgroup add', group.metadata) }];
  return { state: 'Done: no work has been added', needsAttention: false, steps };
}

function adviseOnWarning({ events, outstanding, now }: Evidence): Advice | undefined {
  const known = outstanding?.lost ? [...IN_STATUS, ...ABOUT_LOST] : IN_STATUS;
  const isNews = ({ type, reason = '' }: RecordedEvent) => type === 'Warning' && !known.includes(reason);
  const warning = [...events].sort(byTime).findLast(isNews);
  if (!warning || secondsSince(timeOf(warning), now) > RECENT_SECONDS) return undefined;
  const state = `warning ${formatAgo(timeOf(warning), now)}: ${warning.message ?? warning.reason ?? ''}`;
  return { state, needsAttention: true, steps: [] };
}
