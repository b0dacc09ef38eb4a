// The Jobs and pods that wait for a WaitGroup, cached and indexed by its name. Pods are watched only until they are scheduled.
import { isTransient, type KubeTransport, resourcePath } from '@konductor/client';
import { AFTER_LABEL } from '@konductor/schema';
import type { Logger } from '../framework/logger.ts';
import { objectKey, Reflector } from '../framework/reflector.ts';
import { type CacheObserver, hintFor } from '../framework/resource-caches.ts';
import { KeyIndex } from '../workers/key-index.ts';
import { type HeldObject, reduceJob, reducePod } from './held-object.ts';

export interface HeldObjectsOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  readonly observer: CacheObserver;
  /** Absent: all namespaces. */
  readonly watchNamespace?: string | undefined;
  readonly signal: AbortSignal;
  /** Called with the key of each object that was added, changed or deleted, and what the cache held before. */
  readonly onChange: (key: string, previous: HeldObject | undefined) => void;
  /** Called when the API server accepts a watch. */
  readonly onWatch: () => void;
}

/** A page is held as text and parsed at the same time. */
const PAGE_SIZE = 100;
const LABELLED = { labelSelector: AFTER_LABEL };
const JOBS = { apiVersion: 'batch/v1', resource: 'jobs', query: LABELLED, transform: reduceJob };
const PODS = {
  ...{ apiVersion: 'v1', resource: 'pods', transform: reducePod },
  query: { ...LABELLED, fieldSelector: 'spec.nodeName=,status.phase=Pending' },
};

interface Watched {
  readonly reflector: Reflector<HeldObject>;
  /** Whether the last attempt failed for a reason that no retry removes, such as a missing permission. */
  isRejected: boolean;
}

export class HeldObjects {
  readonly #options: HeldObjectsOptions;
  readonly #watched: readonly Watched[];
  readonly #byGroup = new KeyIndex();

  constructor(options: HeldObjectsOptions) {
    this.#options = options;
    this.#watched = [JOBS, PODS].map((resource) => this.#watch(resource));
  }

  /** Resolves when the signal is aborted. */
  async run(): Promise<void> {
    await Promise.all(this.#watched.map(({ reflector }) => reflector.run()));
  }

  /** Whether the cache holds every object that this operator can see. */
  get hasSettled(): boolean {
    return this.#watched.every(({ reflector, isRejected }) => reflector.hasSynced || isRejected);
  }

  get(key: string): HeldObject | undefined {
    const [jobs, pods] = this.#watched;
    return jobs?.reflector.get(key) ?? pods?.reflector.get(key);
  }

  /** The keys of the objects that wait for a WaitGroup. */
  keysAfter(namespace: string, waitGroup: string): readonly string[] {
    return [...this.#byGroup.keysOf(`${namespace}/${waitGroup}`)];
  }

  keys(): readonly string[] {
    return this.#watched.flatMap(({ reflector }) => Array.from(reflector.objects(), objectKey));
  }

  /** The number of objects of a kind that are held. */
  count(kind: HeldObject['kind']): number {
    const objects = this.#watched.flatMap(({ reflector }) => [...reflector.objects()]);
    return objects.filter((object) => object.kind === kind && object.hold !== undefined).length;
  }

  #watch({ query, transform, ...resource }: typeof JOBS | typeof PODS): Watched {
    const { transport, watchNamespace: namespace, signal, observer, onWatch } = this.#options;
    const reflector = new Reflector<HeldObject>(transport, {
      ...{ path: resourcePath({ ...resource, namespace }), query, transform, signal, pageSize: PAGE_SIZE },
      isRetried: () => true,
      observer: {
        onList: () => observer.onList?.(resource.resource),
        onWatch: () => {
          observer.onWatch?.(resource.resource);
          watched.isRejected = false;
          onWatch();
        },
        onRetry: (err, delayMs) => this.#onRetry(watched, { err, delayMs, resource: resource.resource }),
      },
      onChange: (key, _, previous) => this.#onChange(key, reflector.get(key), previous),
    });
    const watched = { reflector, isRejected: false };
    return watched;
  }

  /** A missing permission is logged once. */
  #onRetry(
    watched: Watched,
    fields: { readonly err: Error; readonly delayMs: number; readonly resource: string },
  ): void {
    const level = watched.isRejected ? 'debug' : 'warn';
    watched.isRejected = !isTransient(fields.err);
    this.#options.logger[level]({ ...fields, hint: hintFor(fields.err) }, 'watching held workloads failed, retrying');
  }

  #onChange(key: string, object: HeldObject | undefined, previous: HeldObject | undefined): void {
    this.#byGroup.move(key, groupOf(previous), groupOf(object));
    this.#options.onChange(key, previous);
  }
}

function groupOf(object: HeldObject | undefined): string | undefined {
  return object && `${object.metadata.namespace ?? ''}/${object.after}`;
}
