// The Active workers that have a pod, from the records as they change, and what is known of their pods.
import type { PodReference, WaitGroupWorker } from '@konductor/schema';
import type { JobReference } from './pod-end.ts';

export interface ActiveWorker {
  readonly namespace: string;
  /** Of its record. */
  readonly name: string;
  readonly worker: string;
  /** The key of its WaitGroup in the cache. */
  readonly groupKey: string;
  readonly pod: PodReference;
  /** The Jobs that may replace the pod, as soon as they are known. */
  jobs?: readonly JobReference[];
  /** How often the replacement of the pod was awaited. */
  waits: number;
  /** Whether the loss was reported: under the policy Keep nothing else follows. */
  isReported: boolean;
}

export class ActiveWorkers {
  readonly #byKey = new Map<string, ActiveWorker>();
  readonly #keysByPod = new Map<string, Set<string>>();

  get size(): number {
    return this.#byKey.size;
  }

  /** `record` undefined: it was deleted. What is known of a pod is kept until another pod takes the record over. */
  observe(key: string, record: WaitGroupWorker | undefined): void {
    const worker = record && activeWorker(record);
    const known = this.#byKey.get(key);
    if (known?.pod.uid === worker?.pod.uid) return;
    if (known) this.#remove(key, known);
    if (worker) this.#add(key, worker);
  }

  get(key: string): ActiveWorker | undefined {
    return this.#byKey.get(key);
  }

  entries(): IterableIterator<[string, ActiveWorker]> {
    return this.#byKey.entries();
  }

  /** Returns the keys of the workers of a pod, after noting the Jobs that may replace it. */
  setJobs(podUid: string, jobs: readonly JobReference[]): readonly string[] {
    const keys = [...(this.#keysByPod.get(podUid) ?? [])];
    for (const key of keys) {
      const worker = this.#byKey.get(key);
      if (worker) worker.jobs = jobs;
    }
    return keys;
  }

  #add(key: string, worker: ActiveWorker): void {
    this.#byKey.set(key, worker);
    const keys = this.#keysByPod.get(worker.pod.uid) ?? new Set();
    this.#keysByPod.set(worker.pod.uid, keys.add(key));
  }

  #remove(key: string, { pod }: ActiveWorker): void {
    this.#byKey.delete(key);
    const keys = this.#keysByPod.get(pod.uid);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysByPod.delete(pod.uid);
  }
}

function activeWorker({ metadata, spec }: WaitGroupWorker): ActiveWorker | undefined {
  const { namespace = '', name } = metadata;
  const { state, pod, worker, waitGroup, waitGroupUid } = spec;
  if (state !== 'Active' || pod === undefined) return undefined;
  const groupKey = `${namespace}/${waitGroup}/${waitGroupUid}`;
  return { namespace, name, worker, groupKey, pod, waits: 0, isReported: false };
}
