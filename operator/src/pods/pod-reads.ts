// Live reads of what decides about a worker whose pod has ended: quorum reads, so that nothing is older than what woke them.
import { type KubeObject, type KubeTransport, listAll, NotFoundError, resourcePath } from '@konductor/client';
import {
  API_GROUP_VERSION,
  type PodReference,
  parseWaitGroupWorker,
  type WaitGroupWorker,
  workerNames,
} from '@konductor/schema';
import { NOT_ENDED, podsPath } from './living-pods.ts';
import type { JobReference, Pod } from './pod-end.ts';

interface Job extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly deletionTimestamp?: string };
  readonly spec?: { readonly completionMode?: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
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
    const pod = await this.#get<Pod>(podsPath(namespace, name));
    return pod?.metadata.uid === uid ? pod : undefined;
  }

  /** The uids of all pods in a namespace that have not ended. */
  async livingPods(namespace: string): Promise<ReadonlySet<string | undefined>> {
    const query = { fieldSelector: NOT_ENDED };
    const transform = <T extends KubeObject>({ metadata: { name, uid } }: T) => ({ metadata: { name, uid } }) as T;
    const { items } = await listAll(this.#transport, { path: podsPath(namespace), query, transform });
    return new Set(items.map(({ metadata }) => metadata.uid));
  }

  async record(namespace: string, name: string): Promise<WaitGroupWorker | undefined> {
    const object = await this.#get<object>(recordPath(namespace, name));
    return object && parseWaitGroupWorker(object);
  }

  async hasUnfinishedJob(namespace: string, jobs: readonly JobReference[]): Promise<boolean> {
    for (const job of jobs) if (isUnfinished(await this.#job(namespace, job.name), job)) return true;
    return false;
  }

  /** The pods of a namespace that is being deleted end one after another, and nothing is to be concluded from that. */
  async isTerminating(namespace: string): Promise<boolean> {
    const path = resourcePath({ apiVersion: 'v1', resource: 'namespaces', name: namespace });
    const found = await this.#get<Job>(path);
    return found === undefined || found.metadata.deletionTimestamp !== undefined;
  }

  #job(namespace: string, name: string): Promise<Job | undefined> {
    const path = resourcePath({ apiVersion: 'batch/v1', resource: 'jobs', namespace, name });
    if (performance.now() - this.#jobsSince > SHARED_MS) {
      this.#jobs.clear();
      this.#jobsSince = performance.now();
    }
    const reading = this.#jobs.get(path) ?? this.#get<Job>(path);
    this.#jobs.set(path, reading);
    return reading;
  }

  async #get<T>(path: string): Promise<T | undefined> {
    try {
      return await this.#transport.request<T>({ method: 'GET', path });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

export function recordPath(namespace: string, name: string): string {
  return resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace, name });
}

function isUnfinished(job: Job | undefined, { uid, isIndexed }: JobReference): boolean {
  if (job === undefined || job.metadata.deletionTimestamp !== undefined) return false;
  if (uid !== undefined && job.metadata.uid !== uid) return false;
  if (isIndexed && job.spec?.completionMode !== 'Indexed') return false;
  const { conditions = [] } = job.status ?? {};
  return !conditions.some(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True');
}
