// The Jobs that a WaitGroup counts by their label: those with a record, whatever became of the Job, and those without one.
import type { WaitGroupWorker } from '@konductor/schema';
import { endOfJob, isLostJob, type Job, phaseOfJob } from '../workers/jobs.ts';
import type { Outstanding } from '../workers/outstanding.ts';
import { GONE } from '../workers/pods.ts';

/** What is known of a Job. */
export interface CountedJob {
  readonly name: string;
  /** The state of its record; `Uncounted` without one. */
  readonly state: WaitGroupWorker['spec']['state'] | 'Uncounted';
  /** Undefined if it is not known. */
  readonly phase: string | undefined;
  /** Since when it is counted, or exists. */
  readonly since: string | undefined;
  readonly message: string | undefined;
  /** Since when the operator should have changed its record; absent: it has nothing to do. */
  readonly dueSince?: string | undefined;
}

/** Those that need attention first, then those at work, then those that have finished. */
export function countedJobs(
  outstanding: Outstanding | undefined,
  jobs: ReadonlyMap<string, Job> | undefined,
): readonly CountedJob[] {
  const records = outstanding?.ofJobs ?? [];
  const known = new Set(records.map(({ spec }) => spec.job?.uid ?? ''));
  // Without the records, it is unknown which Jobs have one.
  const others = outstanding
    ? [...(jobs?.values() ?? [])].filter(({ metadata }) => !known.has(metadata.uid ?? ''))
    : [];
  const all = [...records.map((record) => ofRecord(record, outstanding, jobs)), ...others.map(uncounted)];
  return all.sort((one, other) => rankOf(one) - rankOf(other) || (one.name < other.name ? -1 : 1));
}

function ofRecord(
  { metadata, spec }: WaitGroupWorker,
  outstanding: Outstanding | undefined,
  jobs: ReadonlyMap<string, Job> | undefined,
): CountedJob {
  const { worker, state, job: { name, uid } = { name: worker, uid: '' }, message } = spec;
  const job = jobs?.get(uid);
  const shown = outstanding?.shown.find(({ id }) => id === worker)?.phase;
  const phase = job ? phaseOfJob(job) : (shown ?? (jobs && GONE));
  const end = job && endOfJob(job);
  const dueSince = state === 'Active' && end?.type === 'Complete' ? end.lastTransitionTime : undefined;
  const why = end?.type === 'Failed' ? describeEnd(end) : undefined;
  return { name, state, phase, since: metadata.creationTimestamp, message: message ?? why, dueSince };
}

function uncounted(job: Job): CountedJob {
  const { name, creationTimestamp: since } = job.metadata;
  return { name, state: 'Uncounted', phase: phaseOfJob(job), since, message: undefined, dueSince: since };
}

function describeEnd({ reason, message }: { readonly reason?: string; readonly message?: string }): string | undefined {
  return [reason, message].filter(Boolean).join(': ') || undefined;
}

function rankOf({ state, phase }: CountedJob): number {
  if (state === 'Uncounted') return 1;
  if (state !== 'Active') return 3;
  return isLostJob(phase) ? 0 : 2;
}
