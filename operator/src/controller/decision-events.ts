// The Events of a decision: what has changed, in words for people.
import { describeEvent, expiryOf, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import type { TimeField } from './desired-status.ts';
import type { EventToRecord } from './event-recorder.ts';

/** An Event to publish once the decision has been carried out. */
export interface DecisionEvent extends EventToRecord {
  readonly reason: 'Completed' | 'Corrected' | 'DeadlineExceeded' | 'Expired' | 'Failed';
}

/** What each time starts. */
const STARTED_BY: Readonly<Record<TimeField, string>> = {
  completedAt: 'TTL',
  failedAt: 'TTL',
  startedAt: 'deadline',
};

/** The Events of a write. */
export function transitions({ status: stored }: WaitGroup, desired: WaitGroupStatus): DecisionEvent[] {
  return [
    ...failureEvents(stored, desired),
    ...completionEvents(stored, desired),
    ...correctionEvents(stored, desired),
  ];
}

function failureEvents(stored: WaitGroupStatus | undefined, { failure, failures }: WaitGroupStatus): DecisionEvent[] {
  const isReported = stored?.failedAt !== undefined && stored.failures === failures;
  if (failure === undefined || isReported) return [];
  // The same for every operator, and different for each round.
  const dedupeKey = `${failures}`;
  const { reason, message, worker } = failure;
  const isOwn = reason === 'DeadlineExceeded' && stored?.outcome !== 'Failed';
  if (isOwn) return [{ ...describeEvent('DeadlineExceeded', { message }), dedupeKey }];
  const by = worker ? `, by ${worker}` : '';
  return [{ ...describeEvent('Failed', { reason, message, by }), dedupeKey }];
}

function completionEvents(stored: WaitGroupStatus | undefined, desired: WaitGroupStatus): DecisionEvent[] {
  const { completedAt, outcome, added = 0 } = desired;
  const isReported = stored?.completedAt !== undefined && !isNewRound(stored, desired);
  if (completedAt === undefined || isReported || outcome === 'Failed') return [];
  return [{ ...describeEvent('Completed', { added }), dedupeKey: completedAt }];
}

function correctionEvents(stored: WaitGroupStatus | undefined, desired: WaitGroupStatus): DecisionEvent[] {
  if (stored === undefined || isNewRound(stored, desired)) return [];
  return Object.entries(STARTED_BY).flatMap(([name, what]) => {
    const field = name as TimeField;
    const [before, after] = [stored[field], desired[field]];
    if (before === undefined || after === undefined || before === after) return [];
    const event = describeEvent('Corrected', { field: `status.${field}`, time: before, what });
    return [{ ...event, dedupeKey: `${field} ${after}` }];
  });
}

/** Whether a whole round began and ended in the write: workers added work and finished it. */
function isNewRound(stored: WaitGroupStatus, desired: WaitGroupStatus): boolean {
  return stored.counter === 0 && desired.completions !== stored.completions;
}

/** The Event of a deletion. */
export function expired(waitGroup: WaitGroup): DecisionEvent {
  const { completedAt = '', failedAt = '' } = waitGroup.status ?? {};
  const isFailure = Date.parse(failedAt) === expiryOf(waitGroup)?.startMs;
  const [event, time] = isFailure ? ['failure', failedAt] : ['completion', completedAt];
  return { ...describeEvent('Expired', { ttl: waitGroup.spec?.ttl ?? '', event, time }), dedupeKey: time };
}
