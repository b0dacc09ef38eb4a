// The pods with the label konductor.io/waitgroup that have not ended, watched: the end of one is reported at once. A pod takes a
// few hundred bytes, and one that has ended none.
import type { KubeObject, KubeTransport, ListWatchObserver } from '@konductor/client';
import { type PodReference, WAIT_GROUP_LABEL } from '@konductor/schema';
import { Reflector } from '../framework/reflector.ts';
import { podsPath } from '../workers/live-reads.ts';
import { type JobReference, jobsOf, type Pod } from './pod-end.ts';

/** Selects pods that have not ended. */
export const NOT_ENDED = 'status.phase!=Succeeded,status.phase!=Failed';

interface LivingPod extends KubeObject {
  readonly jobs: readonly JobReference[];
}

export interface LivingPodsOptions {
  readonly transport: KubeTransport;
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
  readonly observer: ListWatchObserver;
  /** Called when a pod has ended or is gone. */
  readonly onEnd: (podUid: string, jobs: readonly JobReference[]) => void;
}

export class LivingPods {
  readonly #reflector: Reflector<LivingPod>;
  readonly #synced = Promise.withResolvers<void>();

  constructor({ transport, namespace, signal, observer, onEnd }: LivingPodsOptions) {
    this.#reflector = new Reflector<LivingPod>(transport, {
      path: podsPath(namespace),
      query: { labelSelector: WAIT_GROUP_LABEL, fieldSelector: NOT_ENDED },
      transform: essential,
      signal,
      observer,
      isRetried: () => true,
      onSynced: () => this.#synced.resolve(),
      onChange: (key, { metadata, jobs }) => {
        if (!this.#reflector.get(key)) onEnd(metadata.uid ?? '', jobs);
      },
    });
  }

  /** Resolves when the signal is aborted. */
  run(): Promise<void> {
    return this.#reflector.run();
  }

  /** Resolves when the first list is complete. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  has(namespace: string, { name, uid }: PodReference): boolean {
    return this.#reflector.get(`${namespace}/${name}/${uid}`) !== undefined;
  }
}

function essential<T extends KubeObject>(pod: T): T {
  const { name, namespace, uid } = pod.metadata;
  return { metadata: { name, namespace, uid }, jobs: jobsOf(pod as Pod) } as unknown as T;
}
