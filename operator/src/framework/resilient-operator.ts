// @dot-i/k8s-operator's Operator with its weak parts replaced: watches that survive every error, a cache that misses no
// deletion, handlers that are retried, a graceful shutdown. docs/decisions/0026-what-the-framework-layer-replaces.md lists
// the defects. The base's writes swallow rejections: write through the client instead.
import {
  ConflictError,
  type KubeObject,
  type KubeTransport,
  type ListWatchOptions,
  type ResourceReference,
  type Transform,
} from '@konductor/client';
import { Operator, type ResourceEvent } from './dot-i.ts';
import type { Logger } from './logger.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { type CacheObserver, hintFor, ResourceCaches, resourceId } from './resource-caches.ts';
import { type ResourceHandler, ResourceWatch, type ResourceWatchOptions } from './resource-watch.ts';
import type { WorkQueueObserver } from './work-queue.ts';

export interface ResilientOperatorOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** How many objects of one resource are handled at once; a single object is never handled twice at once. */
  readonly concurrency?: number;
  readonly observer?: OperatorObserver;
  /** Reduces each object of a watched resource to what the cache keeps and the handler gets; absent: the whole object. */
  readonly transform?: Transform;
  /** While false, as on standby, the caches are filled and nothing is handled; call resync() when it becomes true. Absent: always true. */
  readonly isActive?: (() => boolean) | undefined;
  /** Called with every state of a handled resource that the watch delivers; the handler gets the newest one only. */
  readonly onChange?: ResourceWatchOptions['onChange'];
  /** Called when hasSynced becomes true. Nothing is handled before. */
  readonly onSynced?: (() => void) | undefined;
}

export type OperatorObserver = WorkQueueObserver & CacheObserver;

/** A resource that watched objects depend on; all of it, or what `query` selects. */
export interface RelatedResource<T extends KubeObject>
  extends Pick<ResourceReference, 'apiVersion' | 'resource' | 'namespace'> {
  readonly query?: ListWatchOptions['query'];
  readonly transform?: Transform;
  readonly onChange: ReflectorOptions<T>['onChange'];
}

/** Handlers mostly wait: on two busy cores a thousand requests took 4.0 s by 4 at once, 2.6 s by 16, 3.4 s by 32. */
const CONCURRENCY = 16;

export abstract class ResilientOperator extends Operator {
  declare protected readonly logger: Logger;
  readonly #options: ResilientOperatorOptions;
  readonly #caches: ResourceCaches;
  readonly #watches = new Map<string, ResourceWatch>();

  constructor(options: ResilientOperatorOptions) {
    super(options.logger);
    this.#options = options;
    const { logger, observer } = options;
    this.#caches = new ResourceCaches({ logger, observer, onSynced: () => this.#onSynced() });
  }

  /** Whether every resource has been listed completely once. */
  get hasSynced(): boolean {
    return this.#caches.hasSynced;
  }

  get queueDepth(): number {
    return this.#sum(({ queue }) => queue.depth);
  }

  get activeWorkers(): number {
    return this.#sum(({ queue }) => queue.activeWorkers);
  }

  get concurrency(): number {
    return this.#options.concurrency ?? CONCURRENCY;
  }

  /** Hands every cached object to its handler: for the moment when `isActive` becomes true. */
  resync(): void {
    for (const watch of this.#watches.values()) watch.resync();
  }

  /** Ends the watches first, then lets the handlers finish every object that is queued. */
  override async stop(): Promise<void> {
    await this.#caches.stop();
    await Promise.all([...this.#watches.values()].map(({ queue }) => queue.stop()));
  }

  /** Keeps watching until stop(), and hands every object that is new, changed or gone to the handler. Returns at once. */
  protected override async watchResource(
    group: string,
    version: string,
    plural: string,
    handler: ResourceHandler,
    namespace?: string,
  ): Promise<void> {
    const resource = { apiVersion: group ? `${group}/${version}` : version, resource: plural, namespace };
    const { transport, transform, onChange, isActive = () => true } = this.#options;
    const watch = new ResourceWatch({
      ...{ transport, plural, handler, onChange, concurrency: this.concurrency },
      cache: { ...this.#caches.optionsOf(resource), transform },
      isActive: () => this.hasSynced && isActive(),
      observer: this.#queueObserver(resourceId(resource)),
    });
    this.#caches.run(resource, watch);
    this.#watches.set(resourceId(resource), watch);
  }

  /** Caches a resource that watched objects depend on, like Watches() of controller-runtime: `onChange` wakes these. */
  protected watchRelated<T extends KubeObject>(related: RelatedResource<T>): Reflector<T> {
    const { query = {}, transform, onChange, ...resource } = related;
    const options = { ...this.#caches.optionsOf(resource), query, transform, onChange };
    const cache = new Reflector<T>(this.#options.transport, options);
    this.#caches.run(resource, cache);
    return cache;
  }

  /** Hands an object to its handler if it is cached, by the id of its resource and the key of the object. */
  protected wake(id: string, key: string): void {
    this.#watches.get(id)?.wake(key);
  }

  /** The cached objects of a resource, by the framework's id `plural.group/version`. */
  protected cached(id: string): Iterable<ResourceEvent['object']> {
    return this.#watches.get(id)?.objects() ?? [];
  }

  /** One of them, by its key. */
  protected cachedObject(id: string, key: string): ResourceEvent['object'] | undefined {
    return this.#watches.get(id)?.object(key);
  }

  #queueObserver(id: string): WorkQueueObserver {
    const { observer = {} } = this.#options;
    return {
      onAdd: () => observer.onAdd?.(),
      onStart: (queuedSeconds, key) => observer.onStart?.(queuedSeconds, key),
      onSuccess: (result) => observer.onSuccess?.(result),
      onDone: (workSeconds, key) => observer.onDone?.(workSeconds, key),
      onRetry: (key, err, delayMs) => {
        // A conflict is normal: another writer was faster.
        const level = err instanceof ConflictError ? 'debug' : 'warn';
        const fields = { err, resource: id, object: key, delayMs, hint: hintFor(err) };
        this.logger[level](fields, 'reconcile failed, retrying');
        observer.onRetry?.(key, err, delayMs);
      },
    };
  }

  #onSynced(): void {
    for (const watch of this.#watches.values()) watch.resync();
    this.#options.onSynced?.();
  }

  #sum(of: (watch: ResourceWatch) => number): number {
    return [...this.#watches.values()].reduce((sum, watch) => sum + of(watch), 0);
  }
}
