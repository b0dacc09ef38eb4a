// Live reads of what decides about a Job: quorum reads, so that nothing is older than what woke them.
import { type KubeTransport, listAll, type RecordedEvent, resourcePath } from '@konductor/client';
import type { JobEnd } from '../workers/job-end.ts';
import { jobsPath, readIfExists } from '../workers/live-reads.ts';
import { type CountedJob, reduceCountedJob } from './counted-job.ts';

/** The reasons of the Events by which the Job controller reports the end of a Job; of a failure, that of the condition. */
const ENDS: Readonly<Record<string, JobEnd['kind']>> = {
  Completed: 'Complete',
  BackoffLimitExceeded: 'Failed',
  DeadlineExceeded: 'Failed',
  FailedIndexes: 'Failed',
  MaxFailedIndexesExceeded: 'Failed',
  PodFailurePolicy: 'Failed',
};
const JOB_CONTROLLER = 'job-controller';

export class JobReads {
  readonly #transport: KubeTransport;

  constructor(transport: KubeTransport) {
    this.#transport = transport;
  }

  /** Undefined if there is no Job of this name. */
  async job(namespace: string, name: string): Promise<CountedJob | undefined> {
    const job = await readIfExists<CountedJob>(this.#transport, jobsPath(namespace, name));
    return job && reduceCountedJob(job);
  }

  /** How a Job ended that is gone, by the Events of the Job controller, which the API server keeps for an hour. */
  async endByEvents(namespace: string, uid: string): Promise<JobEnd | undefined> {
    const path = resourcePath({ apiVersion: 'v1', resource: 'events', namespace });
    const query = { fieldSelector: `involvedObject.kind=Job,involvedObject.uid=${uid}` };
    const { items } = await listAll<RecordedEvent>(this.#transport, { path, query });
    const reported = items.find(({ source, reason = '' }) => source?.component === JOB_CONTROLLER && reason in ENDS);
    const kind = ENDS[reported?.reason ?? ''];
    return kind && { kind, reason: reported?.reason ?? '', message: reported?.message ?? '' };
  }
}
