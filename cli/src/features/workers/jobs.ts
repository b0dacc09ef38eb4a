// Reads the Jobs that are workers by their label, as far as the caller can list them.
import type { KubeObject } from '@konductor/client';
import { COUNTS_FOR_LABEL, type JobReference } from '@konductor/schema';
import type { Session } from '../../session/session.ts';
import { GONE } from './pods.ts';
import { listShortly } from './short-list.ts';

/** The part of a Job that shows what became of it. */
export interface Job extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly suspend?: boolean };
  readonly status?: { readonly conditions?: readonly JobCondition[] };
}

interface JobCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

const JOBS = { apiVersion: 'batch/v1', resource: 'jobs' };
/** The phase of a Job without the label of the WaitGroup. */
const UNLABELLED = 'unlabelled';

/** The Jobs with the label, by their UID; undefined when they cannot be listed, or not with one request. */
export async function readCountedJobs(
  session: Session,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
  onError?: () => void,
): Promise<ReadonlyMap<string, Job> | undefined> {
  const selector = { labelSelector: `${COUNTS_FOR_LABEL}=${name}` };
  const jobs = await listShortly<Job>(session, { ...JOBS, namespace, selector, onError });
  return jobs?.isComplete ? new Map(jobs.items.map((job) => [job.metadata.uid ?? '', job])) : undefined;
}

/** The phase of one Job; undefined when it cannot be read. */
export async function readJobPhase(
  session: Session,
  { waitGroup, job }: { readonly waitGroup: string; readonly job: JobReference },
): Promise<string | undefined> {
  const selector = { fieldSelector: `metadata.name=${job.name}` };
  const jobs = await listShortly<Job>(session, { ...JOBS, namespace: session.client.namespace, selector });
  const found = jobs?.items.find(({ metadata }) => metadata.uid === job.uid);
  if (!found) return jobs && GONE;
  return found.metadata.labels?.[COUNTS_FOR_LABEL] === waitGroup ? phaseOfJob(found) : UNLABELLED;
}

/** In one word, as a pod has one. */
export function phaseOfJob(job: Job): string {
  const end = endOfJob(job);
  if (end) return end.type;
  if (job.metadata.deletionTimestamp) return 'Terminating';
  return job.spec?.suspend ? 'Suspended' : 'Running';
}

/** Why it has finished; undefined while it has not. */
export function endOfJob({ status }: Job): JobCondition | undefined {
  return status?.conditions?.find(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True');
}

/** Whether a Job in this phase can no longer finish its work. */
export function isLostJob(phase: string | undefined): boolean {
  return phase === 'Failed' || phase === GONE || phase === UNLABELLED;
}
