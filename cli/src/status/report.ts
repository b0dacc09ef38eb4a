// What koncli waitgroup status prints for people: what is going on and what to do, then the facts.
import type { RecordedEvent } from '@konductor/client';
import { currentStatus, type WaitGroup } from '@konductor/schema';
import { formatAge } from '../output/age.ts';
import { eventTable } from '../output/event-table.ts';
import { subject } from '../output/output.ts';
import { align, table } from '../output/table.ts';
import { oneLine } from '../process/log.ts';
import { type Advice, type Step, stepsAsCalledBy } from './advice.ts';

/** What is shown. */
export interface Report {
  readonly group: WaitGroup;
  /** Undefined: they could not be read. */
  readonly events: readonly RecordedEvent[] | undefined;
  readonly advice: Advice;
}

/** How it is shown, and as of when. */
export interface ReportOptions {
  readonly isWide: boolean;
  readonly now: Date;
  /** What koncli is called by. */
  readonly program: string;
}

/** Paragraphs with a blank line between. */
export function formatReport({ group, events, advice }: Report, options: ReportOptions): string {
  const { name, namespace } = group.metadata;
  const paragraphs = [
    `${subject(name)} in namespace "${namespace}"\n${advice.state}\n`,
    formatSteps(stepsAsCalledBy(options.program, advice.steps)),
    table([group], options),
    conditionTable(group, options),
    changeTable(group, options),
    events?.length === 0 ? 'No Events.\n' : eventTable(events ?? [], options.now),
  ];
  return paragraphs.filter(Boolean).join('\n');
}

function formatSteps(steps: readonly Step[]): string {
  return steps.length === 0 ? '' : `Next:\n${align(steps.map(({ purpose, command }) => [`  ${purpose}`, command]))}`;
}

function conditionTable(group: WaitGroup, { now }: ReportOptions): string {
  const { conditions = [] } = currentStatus(group);
  const rows = conditions.map(({ type, status, reason, lastTransitionTime, message }) =>
    [type, status, reason, formatAge(lastTransitionTime, now), message].map(oneLine),
  );
  return rows.length === 0 ? '' : align([['CONDITION', 'STATUS', 'REASON', 'AGE', 'MESSAGE'], ...rows]);
}

/** The newest last, as Events are. */
function changeTable(group: WaitGroup, { isWide, now }: ReportOptions): string {
  const { recentOperations = [] } = currentStatus(group);
  const rows = recentOperations.toReversed().map(({ id, delta, by, at }) => {
    const change = `${delta > 0 ? '+' : ''}${delta}`;
    return [change, formatAge(at, now), ...(isWide ? [at] : []), by, ...(isWide ? [id] : [])].map(oneLine);
  });
  const header = ['CHANGE', 'AGE', ...(isWide ? ['AT'] : []), 'BY', ...(isWide ? ['OPERATION'] : [])];
  return rows.length === 0 ? '' : align([header, ...rows]);
}
