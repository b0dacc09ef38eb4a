// Live reads of what decides about a worker whose pod has ended: quorum reads, so that nothing is older than what woke them.
import type { KubeObject, KubeTransport } from '@konductor/client';
import type { PodReference, WaitGroupWorker } from '@konductor/schema';
import { type JobConditions, jobEnd } from '../workers/job-end.ts';
import { isTerminating, jobsPath, listPodUids, podsPath, readIfExists, readRecord } from '../workers/live-reads.ts';
import { NOT_ENDED } from './living-pods.ts';
import type { JobReference, Pod } from './pod-end.ts';

interface Job extends KubeObject, JobConditions {
  readonly metadata: KubeObject['metadata'] & { readonly deletionTimestamp?: string };
  readonly spec?: { readonly completionMode?: string };
}

/** Many pods of one Job can end at once: their workers share a read of it. That a Job has not finished may be a second old. */
const SHARED_MS = 1_000;

export class PodReads {
  readonly #transport: KubeTransport;
  readonly #jobs = new Map<string, Promise<Job | undefined>>();
  #jobsSince = 0;

  constructor(transport: KubeTransport) {
    this.#transport = transport;
  }

  /** Undefined if there is no pod with this name and uid. */
  async pod(namespace: string, { name, uid }: PodReference): Promise<Pod | undefined> {
    const pod = await readIfExists<Pod>(this.#transport, podsPath(namespace, name));
    return pod?.metadata.uid === uid ? pod : undefined;
  }

  /** The uids of all pods in a namespace that have not ended. */
  livingPods(namespace: string): Promise<ReadonlySet<string | undefined>> {
    return listPodUids(this.#transport, namespace, { fieldSelector: NOT_ENDED });
  }

  record(namespace: string, name: string): Promise<WaitGroupWorker | undefined> {
    return readRecord(this.#transport, namespace, name);
  }

  async hasUnfinishedJob(namespace: string, jobs: readonly JobReference[]): Promise<boolean> {
    for (const job of jobs) if (isUnfinished(await this.#job(namespace, job.name), job)) return true;
    return false;
  }

  isTerminating(namespace: string): Promise<boolean> {
    return isTerminating(this.#transport, namespace);
  }

  #job(namespace: string, name: string): Promise<Job | undefined> {
    const path = jobsPath(namespace, name);
    if (performance.now() - this.#jobsSince > SHARED_MS) {
      this.#jobs.clear();
      this.#jobsSince = performance.now();
    }
    const reading = this.#jobs.get(path) ?? readIfExists<Job>(this.#transport, path);
    this.#jobs.set(path, reading);
    return reading;
  }
}

function isUnfinished(job: Job | undefined, { uid, isIndexed }: JobReference): boolean {
  if (job === undefined || job.metadata.deletionTimestamp !== undefined) return false;
  if (uid !== undefined && job.metadata.uid !== uid) return false;
  if (isIndexed && job.spec?.completionMode !== 'Indexed') return false;
  return jobEnd(job) === undefined;
}
