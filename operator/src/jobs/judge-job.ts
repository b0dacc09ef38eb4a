// Decides what a Job means for its record in a WaitGroup: a pure function of what the API server has stored.
import type { WaitGroupWorker, WorkerPolicy } from '@konductor/schema';
import type { JobEnd } from '../workers/job-end.ts';

export interface Observed {
  readonly job: {
    readonly name: string;
    readonly uid: string;
    /** Whether another process has added its work. */
    readonly isAdded: boolean;
    readonly isBeingDeleted?: boolean;
    readonly end?: JobEnd | undefined;
    /** Why it counts no more. */
    readonly departure?: Departure;
  };
  readonly record: Pick<WaitGroupWorker, 'spec'> | undefined;
  readonly policy: WorkerPolicy;
}

export type Departure = 'JobDeleted' | 'LabelRemoved';

/** `report`: only say so. `release`, `fail`: finish the work in place of the Job, and say so. */
export interface Loss {
  readonly kind: 'report' | 'release' | 'fail';
  /** The reason of the Event. */
  readonly event: 'JobFailed' | 'WorkerLost';
  /** The reason in the record. */
  readonly reason: 'JobFailed' | Departure;
  readonly message: string;
}

export type Step = { readonly kind: 'nothing' | 'add' | 'start' | 'done' } | Loss;

const HOW: Readonly<Record<Departure, string>> = {
  JobDeleted: 'was deleted before it finished',
  LabelRemoved: 'lost its label konductor.io/counts-for before it finished',
};

/** One step: the record that it writes is judged again. */
export function judgeJob({ job, record, policy }: Observed): Step {
  const { name, end, departure } = job;
  const isUnfinished = end === undefined;
  if (record?.spec.job?.uid !== job.uid) {
    const isLeaving = departure !== undefined || (job.isBeingDeleted && isUnfinished);
    return { kind: isLeaving ? 'nothing' : job.isAdded ? 'start' : 'add' };
  }
  // A finished record is a tombstone: the Job counts once.
  if (record.spec.state !== 'Active') return { kind: 'nothing' };
  if (end?.kind === 'Complete') return { kind: 'done' };
  if (end) return failed(name, end, policy);
  return departure ? lost(name, departure, policy) : { kind: 'nothing' };
}

function failed(name: string, { reason, message }: JobEnd, policy: WorkerPolicy): Loss {
  const why = `${reason ? ` (${reason})` : ''}${message ? `: ${message}` : ''}`;
  const kind = ({ Keep: 'report', Release: 'release', Fail: 'fail' } as const)[policy];
  return { kind, event: 'JobFailed', reason: 'JobFailed', message: `Job ${name} failed${why}` };
}

function lost(name: string, departure: Departure, policy: WorkerPolicy): Loss {
  const kind = policy === 'Keep' ? 'report' : 'release';
  return { kind, event: 'WorkerLost', reason: departure, message: `Job ${name} ${HOW[departure]}` };
}
