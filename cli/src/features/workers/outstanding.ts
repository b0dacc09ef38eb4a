// The workers whose work is outstanding, and the phases of their pods and Jobs. It imports the client, so commands import it when
// they run.
import { compareRevisions, type WaitGroup, type WaitGroupWorker } from '@konductor/schema';
import type { Session } from '../../session/session.ts';
import { isLostJob, type Job, phaseOfJob, readJobPhase } from './jobs.ts';
import { GONE, hasEnded, type LivePods, readPhase } from './pods.ts';

/** A worker that has not finished. */
export interface OutstandingWorker {
  readonly id: string;
  readonly pod: string | undefined;
  /** The name of the Job that is the worker. */
  readonly job?: string | undefined;
  /** Undefined if it is not known. */
  readonly phase: string | undefined;
  readonly createdAt: string | undefined;
  /** Why it has not finished, if it said so. */
  readonly message: string | undefined;
}

/** The latest change of a worker. */
export interface WorkerMove {
  readonly worker: string;
  readonly state: WaitGroupWorker['spec']['state'];
  readonly at: string;
}

/** The workers of a WaitGroup that have not finished. */
export interface Outstanding {
  readonly total: number;
  /** The first of them, of pods and of Jobs: those whose pod or Job has ended, then the oldest. */
  readonly shown: readonly OutstandingWorker[];
  /** How many are known to have no pod or Job any more that could finish their work. */
  readonly lost: number;
  /** The latest changes of any worker, and of one that has finished. */
  readonly last?: WorkerMove | undefined;
  readonly lastFinished?: WorkerMove | undefined;
  /** The records that the WaitGroup did not count yet when it was read. */
  readonly uncounted?: readonly WorkerMove[];
  /** The records of Jobs, whether they have finished or not. */
  readonly ofJobs?: readonly WaitGroupWorker[];
}

const SHOWN = 5;

/** What is known already, and the limit of the requests. */
export interface OutstandingOptions {
  /** Undefined if the pods are not known. */
  readonly live?: LivePods | undefined;
  /** The Jobs with the label of the WaitGroup, by their UID; undefined if they are not known. */
  readonly jobs?: ReadonlyMap<string, Job> | undefined;
  /** Absent: that of the session. */
  readonly timeoutMs?: number;
}

/** Throws when the records cannot be listed. */
export async function readOutstanding(
  { metadata: { name, uid }, status }: WaitGroup,
  session: Session,
  { live, jobs, timeoutMs = session.callOptions.timeoutMs }: OutstandingOptions,
): Promise<Outstanding> {
  const records = await session.client.workers(name, { ...session.callOptions, timeoutMs, uid });
  const isLost = ({ spec: { pod, job } }: WaitGroupWorker) =>
    (live && pod && !live.has(`${session.client.namespace}/${pod.name}`)) || (jobs && job && isLostIn(jobs, job.uid));
  const active = records.filter(({ spec }) => spec.state === 'Active').sort(byAge);
  const lost = active.filter(isLost);
  const first = firstOfEach([...lost, ...active.filter((record) => !isLost(record))]);
  const shown = await Promise.all(first.map((record) => lookAt(record, session)));
  const moves = records.sort(byRevision).flatMap(moveOf);
  const counted = status?.workers?.revision ?? '0';
  return {
    total: active.length,
    shown,
    lost: Math.max(lost.length, shown.filter(isLostWorker).length),
    last: moves[0],
    lastFinished: moves.find(({ state }) => state !== 'Active'),
    uncounted: records.filter((record) => compareRevisions(revisionOf(record), counted) > 0).flatMap(moveOf),
    ofJobs: records.filter(({ spec }) => spec.job),
  };
}

/** Whether nothing can finish its work any more, for all that is known. */
export function isLostWorker({ job, phase }: OutstandingWorker): boolean {
  return job === undefined ? hasEnded(phase) : isLostJob(phase);
}

function firstOfEach(records: readonly WaitGroupWorker[]): readonly WaitGroupWorker[] {
  const ranks = { pod: 0, job: 0 };
  return records.filter(({ spec }) => ++ranks[spec.job ? 'job' : 'pod'] <= SHOWN);
}

function isLostIn(jobs: ReadonlyMap<string, Job>, uid: string): boolean {
  const job = jobs.get(uid);
  return isLostJob(job ? phaseOfJob(job) : GONE);
}

async function lookAt({ metadata, spec }: WaitGroupWorker, session: Session): Promise<OutstandingWorker> {
  const { worker, waitGroup, pod, job, message } = spec;
  const phase = job
    ? await readJobPhase(session, { waitGroup, job })
    : pod && (await readPhase(session, session.client.namespace, pod));
  return { id: worker, pod: pod?.name, job: job?.name, phase, createdAt: metadata.creationTimestamp, message };
}

/** Its time is that of the last write in managedFields. */
function moveOf({ metadata, spec: { worker, state } }: WaitGroupWorker): readonly WorkerMove[] {
  const { managedFields = [] } = metadata as { managedFields?: readonly { readonly time?: string }[] };
  const at =
    managedFields
      .map(({ time = '' }) => time)
      .sort()
      .at(-1) || metadata.creationTimestamp;
  return at === undefined ? [] : [{ worker, state, at }];
}

/** The last write first. */
function byRevision(one: WaitGroupWorker, other: WaitGroupWorker): number {
  return compareRevisions(revisionOf(other), revisionOf(one));
}

function revisionOf({ metadata }: WaitGroupWorker): string {
  return metadata.resourceVersion ?? '0';
}

/** The oldest first; times are in whole seconds. */
function byAge(one: WaitGroupWorker, other: WaitGroupWorker): number {
  const [a, b] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`) as [
    string,
    string,
  ];
  return a < b ? -1 : 1;
}

/** `web-1 (pod Running), load (Job Failed), and 7 more` */
export function nameOutstanding({ total, shown }: Pick<Outstanding, 'total' | 'shown'>): string {
  const named = shown.slice(0, SHOWN);
  const names = named.map(({ id, job, phase }) => {
    const kind = job === undefined ? 'pod' : 'Job';
    return phase === undefined ? id : `${id} (${kind} ${phase})`;
  });
  return [...names, ...(total > named.length ? [`and ${total - named.length} more`] : [])].join(', ');
}
