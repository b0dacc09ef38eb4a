// The caches of an operator: one for each resource that it watches, handled itself or depended upon.
import {
  ApiError,
  ForbiddenError,
  type KubeObject,
  ResourceNotServedError,
  type ResourceReference,
  resourcePath,
} from '@konductor/client';
import type { Logger } from './logger.ts';
import type { ReflectorOptions } from './reflector.ts';

/** Called for metrics. `resource` is the plural name of the resource whose cache it is. */
export interface CacheObserver {
  onList?(resource: string): void;
  onWatch?(resource: string): void;
}

export interface ResourceCachesOptions {
  readonly logger: Logger;
  readonly observer: CacheObserver | undefined;
  /** Called when hasSynced becomes true. */
  readonly onSynced: () => void;
}

interface Cache {
  readonly hasSynced: boolean;
  /** Resolves when the signal of its options is aborted. */
  run(): Promise<void>;
}

/** A page is held as text and parsed at the same time. */
const PAGE_SIZE = 100;

export class ResourceCaches {
  readonly #options: ResourceCachesOptions;
  readonly #stopping = new AbortController();
  readonly #caches = new Map<string, Cache>();
  readonly #runs: Promise<void>[] = [];

  constructor(options: ResourceCachesOptions) {
    this.#options = options;
  }

  /** Whether every resource has been listed completely once. */
  get hasSynced(): boolean {
    const caches = [...this.#caches.values()];
    return caches.length > 0 && caches.every((cache) => cache.hasSynced);
  }

  /** What the cache of a resource is made with. */
  optionsOf(resource: ResourceReference): Omit<ReflectorOptions<KubeObject>, 'onChange'> {
    const { observer, logger } = this.#options;
    const id = resourceId(resource);
    return {
      path: resourcePath(resource),
      signal: this.#stopping.signal,
      pageSize: PAGE_SIZE,
      onSynced: () => this.#onSynced(id),
      observer: {
        onList: () => observer?.onList?.(resource.resource),
        onWatch: () => observer?.onWatch?.(resource.resource),
        onRetry: (err, delayMs) =>
          logger.warn({ err, resource: id, delayMs, hint: hintFor(err) }, 'watch failed, retrying'),
      },
      // Nothing ends an operator's watch: a missing CRD may be installed, a missing permission be granted.
      isRetried: () => true,
    };
  }

  /** Starts a cache, which runs until stop(). */
  run(resource: ResourceReference, cache: Cache): void {
    const id = resourceId(resource);
    if (this.#caches.has(id)) throw new Error(`${id} is already watched`);
    this.#caches.set(id, cache);
    this.#runs.push(cache.run());
    this.#options.logger.info({ resource: id, namespace: resource.namespace }, 'watching resource');
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#runs);
  }

  #onSynced(resource: string): void {
    this.#options.logger.info({ resource }, 'cache synced');
    if (this.hasSynced) this.#options.onSynced();
  }
}

/** The framework's id of a resource: `plural.group/version`. */
export function resourceId({ apiVersion, resource }: ResourceReference): string {
  return `${resource}.${apiVersion}`;
}

export function hintFor(error: unknown): string | undefined {
  if (error instanceof ResourceNotServedError) return 'the CRD is not installed: apply cdk8s/manifests/crd.yaml';
  if (error instanceof ForbiddenError)
    return 'grant the ServiceAccount the permission that the error names: apply cdk8s/manifests/install.yaml';
  // Writes are validated strictly: the API server does not know a field that this operator writes.
  if (error instanceof ApiError && error.code === 400)
    return 'the CRD is older than the operator: apply cdk8s/manifests/crd.yaml';
  return undefined;
}
