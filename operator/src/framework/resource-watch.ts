// The parts of one watchResource(): a reflector that wakes a queue, and a queue that hands the newest state of each
// object to the handler. An event is only a wake-up: several changes in a row are delivered once.
import type { KubeObject, KubeTransport } from '@konductor/client';
import { type ResourceEvent, ResourceEventType, ResourceMetaImpl } from './dot-i.ts';
import { objectKey, Reflector, type ReflectorOptions } from './reflector.ts';
import { type Requeue, WorkQueue, type WorkQueueObserver } from './work-queue.ts';

/**
 * Called with the newest state of an object as `Modified`, or with its last state as `Deleted` once it is gone, and again
 * with backoff until it resolves. Handlers of the base class fit.
 */
export type ResourceHandler = (event: ResourceEvent) => Promise<void> | Promise<Requeue>;

export interface ResourceWatchOptions {
  readonly transport: KubeTransport;
  readonly plural: string;
  readonly cache: Omit<ReflectorOptions<WatchedObject>, 'onChange'>;
  readonly concurrency: number;
  readonly handler: ResourceHandler;
  /** While false, the cache is filled and nothing is handled. */
  readonly isActive: () => boolean;
  readonly observer: WorkQueueObserver;
  /** Called with every state that the watch delivers, of each object; `current` is undefined once it is gone. */
  readonly onChange?: ((current: WatchedObject | undefined, previous: WatchedObject | undefined) => void) | undefined;
}

export type WatchedObject = KubeObject & ResourceEvent['object'];

export class ResourceWatch {
  readonly queue: WorkQueue;
  readonly #options: ResourceWatchOptions;
  readonly #reflector: Reflector<WatchedObject>;
  /** The last state of deleted objects, until the handler has received it. */
  readonly #gone = new Map<string, WatchedObject>();

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
    const { transport, cache, concurrency, observer } = options;
    this.queue = new WorkQueue({ process: (key) => this.#deliver(key), concurrency, observer });
    const onWatch = () => {
      cache.observer?.onWatch?.();
      this.queue.retryFailed();
    };
    this.#reflector = new Reflector<WatchedObject>(transport, {
      ...cache,
      observer: { ...cache.observer, onWatch },
      onChange: (key, object, previous) => this.#onChange(key, object, previous),
    });
  }

  get hasSynced(): boolean {
    return this.#reflector.hasSynced;
  }

  objects(): IterableIterator<WatchedObject> {
    return this.#reflector.objects();
  }

  object(key: string): WatchedObject | undefined {
    return this.#reflector.get(key);
  }

  /** Queues every cached object: for the moment when `isActive` becomes true. */
  resync(): void {
    for (const object of this.#reflector.objects()) this.wake(objectKey(object));
  }

  /** Queues an object because something that it depends on has changed. */
  wake(key: string): void {
    if (this.#options.isActive()) this.queue.add(key);
  }

  run(): Promise<void> {
    return this.#reflector.run();
  }

  #onChange(key: string, object: WatchedObject, previous: WatchedObject | undefined): void {
    const current = this.#reflector.get(key);
    if (this.#options.isActive() && !current) this.#gone.set(key, object);
    this.#options.onChange?.(current, previous);
    this.wake(key);
  }

  async #deliver(key: string): Promise<Requeue> {
    const present = this.#reflector.get(key);
    const object = present ?? this.#gone.get(key);
    if (!object || !this.#options.isActive()) return {};
    const type = present ? ResourceEventType.Modified : ResourceEventType.Deleted;
    const meta = ResourceMetaImpl.createWithPlural(this.#options.plural, object);
    const result = await this.#options.handler({ type, object, meta });
    if (present) return result ?? {};
    this.#gone.delete(key);
    this.queue.forget(key);
    return result ?? {};
  }
}
