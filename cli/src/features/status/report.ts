// The text output of koncli waitgroup status: state and next steps, then the details.
import type { RecordedEvent } from '@konductor/client';
import { currentStatus, type WaitGroup } from '@konductor/schema';
import { formatAge } from '../../output/age.ts';
import { eventTable } from '../../output/event-table.ts';
import { subject } from '../../output/output.ts';
import { align, boundedTable, table } from '../../output/table.ts';
import type { Outstanding } from '../workers/outstanding.ts';
import { type Advice, type Evidence, type Step, stepsAsCalledBy } from './advice.ts';
import { describeUnlisted, heldTable, jobTable } from './workload-tables.ts';

/** The content of the report; what is undefined could not be read. */
export interface Report extends Pick<Evidence, 'outstanding' | 'jobs' | 'held' | 'unlisted'> {
  readonly group: WaitGroup;
  readonly events: readonly RecordedEvent[] | undefined;
  readonly advice: Advice;
}

/** The layout, and the time for ages. */
export interface ReportOptions {
  readonly isWide: boolean;
  readonly now: Date;
  /** The name that koncli was called by. */
  readonly program: string;
}

/** Formats paragraphs, separated by blank lines. */
export function formatReport(report: Report, options: ReportOptions): readonly string[] {
  const { group, events, outstanding, advice } = report;
  const { name, namespace } = group.metadata;
  const paragraphs = [
    [`${subject(name)} in namespace "${namespace}"`, advice.state],
    formatSteps(stepsAsCalledBy(options.program, advice.steps)),
    table([group], options),
    workerTable(outstanding, options),
    jobTable(report, options),
    heldTable(group, report.held, options),
    describeUnlisted(report.unlisted),
    conditionTable(group, options),
    changeTable(group, options),
    events?.length === 0 ? ['No Events.'] : eventTable(events ?? [], options.now),
  ];
  return paragraphs
    .filter(({ length }) => length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function formatSteps(steps: readonly Step[]): readonly string[] {
  if (steps.length === 0) return [];
  return ['Next:', ...align(steps.map(({ purpose, command }) => [`  ${purpose}`, command]))];
}

/** Those without a pod first. Jobs have a table of their own. */
function workerTable(outstanding: Outstanding | undefined, { now }: ReportOptions): readonly string[] {
  const { total = 0, shown = [], ofJobs = [] } = outstanding ?? {};
  const rows = shown
    .filter(({ job }) => job === undefined)
    .map(({ id, pod = '', phase = '', createdAt, message = '' }) => {
      return [id, pod, phase, createdAt === undefined ? '' : formatAge(createdAt, now), message];
    });
  const more = total - ofJobs.filter(({ spec }) => spec.state === 'Active').length - rows.length;
  return boundedTable(['WORKER', 'POD', 'PHASE', 'AGE', 'MESSAGE'], rows, more);
}

function conditionTable(group: WaitGroup, { now }: ReportOptions): readonly string[] {
  const { conditions = [] } = currentStatus(group);
  const rows = conditions.map(({ type, status, reason, lastTransitionTime, message }) => {
    return [type, status, reason, formatAge(lastTransitionTime, now), message];
  });
  return rows.length === 0 ? [] : align([['CONDITION', 'STATUS', 'REASON', 'AGE', 'MESSAGE'], ...rows]);
}

/** Newest last, like Events. */
function changeTable(group: WaitGroup, { isWide, now }: ReportOptions): readonly string[] {
  const { recentOperations = [] } = currentStatus(group);
  const rows = recentOperations.toReversed().map(({ id, delta, by, at }) => {
    const change = `${delta > 0 ? '+' : ''}${delta}`;
    return [change, formatAge(at, now), ...(isWide ? [at] : []), by, ...(isWide ? [id] : [])];
  });
  const header = ['CHANGE', 'AGE', ...(isWide ? ['AT'] : []), 'BY', ...(isWide ? ['OPERATION'] : [])];
  return rows.length === 0 ? [] : align([header, ...rows]);
}
