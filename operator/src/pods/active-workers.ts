// The Active workers that have a pod, from the records as they change, and what is known of their pods.
import type { PodReference, WaitGroupWorker } from '@konductor/schema';
import { groupKey } from '../workers/cached-worker.ts';
import { KeyIndex } from '../workers/key-index.ts';
import type { JobReference } from './pod-end.ts';

export interface ActiveWorker {
  readonly namespace: string;
  /** The name of its record. */
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
  readonly #keysByPod = new KeyIndex();

  get size(): number {
    return this.#byKey.size;
  }

  /** `record` undefined: it was deleted. What is known of a pod is kept until another pod takes the record over. */
  observe(key: string, record: WaitGroupWorker | undefined): void {
    const worker = record && activeWorker(record);
    const known = this.#byKey.get(key);
    if (known?.pod.uid === worker?.pod.uid) return;
    this.#keysByPod.move(key, known?.pod.uid, worker?.pod.uid);
    if (worker) this.#byKey.set(key, worker);
    else this.#byKey.delete(key);
  }

  get(key: string): ActiveWorker | undefined {
    return this.#byKey.get(key);
  }

  entries(): IterableIterator<[string, ActiveWorker]> {
    return this.#byKey.entries();
  }

  /** Returns the keys of the workers of a pod, after noting the Jobs that may replace it. */
  setJobs(podUid: string, jobs: readonly JobReference[]): readonly string[] {
    const keys = [...this.#keysByPod.keysOf(podUid)];
    for (const key of keys) {
      const worker = this.#byKey.get(key);
      if (worker) worker.jobs = jobs;
    }
    return keys;
  }
}

function activeWorker(record: WaitGroupWorker): ActiveWorker | undefined {
  const { namespace = '', name } = record.metadata;
  const { state, pod, worker } = record.spec;
  if (state !== 'Active' || pod === undefined) return undefined;
  return { namespace, name, worker, groupKey: groupKey(record), pod, waits: 0, isReported: false };
}
