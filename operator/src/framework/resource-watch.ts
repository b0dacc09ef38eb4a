// What stands behind one watchResource(): a reflector that wakes a queue, and a queue that hands the newest state of each
// object to the handler. An event is only a wake-up: what several of them changed is delivered once.
import type { KubeObject, KubeTransport, Transform } from '@konductor/client';
import { type ResourceEvent, ResourceEventType, ResourceMetaImpl } from './dot-i.ts';
import { objectKey, Reflector, type ReflectorObserver } from './reflector.ts';
import { type Requeue, WorkQueue, type WorkQueueObserver } from './work-queue.ts';

/** The base's handlers fit. */
export type ResourceHandler = (event: ResourceEvent) => Promise<void> | Promise<Requeue>;

export interface ResourceWatchOptions {
  readonly transport: KubeTransport;
  readonly path: string;
  readonly plural: string;
  readonly signal: AbortSignal;
  readonly concurrency: number;
  readonly onEvent: ResourceHandler;
  readonly onWatchError: (error: Error, delayMs: number) => void;
  readonly onSynced: () => void;
  /** While false, nothing is handled; the cache is filled all the same. */
  readonly mayHandle: () => boolean;
  readonly observer: WorkQueueObserver & ReflectorObserver;
  readonly transform: Transform | undefined;
}

/** Objects may be of a megabyte each, and a page is held as text and parsed at once. */
const PAGE_SIZE = 100;

type WatchedObject = KubeObject & ResourceEvent['object'];

export class ResourceWatch {
  readonly queue: WorkQueue;
  readonly #options: ResourceWatchOptions;
  readonly #reflector: Reflector<WatchedObject>;
  /** Objects that the handler has seen, so that it knows Added from Modified. */
  readonly #delivered = new Set<string>();
  /** The last state of objects that are gone, until the handler has been told. */
  readonly #gone = new Map<string, WatchedObject>();

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
    const { transport, path, signal, onSynced, observer, transform } = options;
    this.queue = new WorkQueue({
      process: (key) => this.#deliver(key),
      concurrency: options.concurrency,
      observer,
    });
    this.#reflector = new Reflector<WatchedObject>(transport, {
      path,
      signal,
      transform,
      pageSize: PAGE_SIZE,
      onSynced,
      observer: {
        onList: () => observer.onList?.(),
        onWatch: () => {
          observer.onWatch?.();
          this.queue.retryFailed();
        },
        onRetry: options.onWatchError,
      },
      // Nothing ends an operator's watch: a missing CRD may be installed, a missing right be granted.
      retryAll: true,
      onChange: (key, object) => this.#onChange(key, object),
    });
  }

  get hasSynced(): boolean {
    return this.#reflector.hasSynced;
  }

  objects(): IterableIterator<WatchedObject> {
    return this.#reflector.objects();
  }

  /** Hands all that the cache holds to the handler: for the moment when it may begin. */
  handleAll(): void {
    for (const object of this.#reflector.objects()) this.queue.add(objectKey(object));
  }

  run(): Promise<void> {
    return this.#reflector.run();
  }

  #onChange(key: string, object: WatchedObject): void {
    if (!this.#options.mayHandle()) return;
    if (!this.#reflector.get(key)) this.#gone.set(key, object);
    this.queue.add(key);
  }

  async #deliver(key: string): Promise<Requeue> {
    if (!this.#options.mayHandle()) return {};
    const object = this.#reflector.get(key);
    if (object) return this.#deliverPresent(key, object);
    await this.#deliverGone(key);
    return {};
  }

  async #deliverPresent(key: string, object: WatchedObject): Promise<Requeue> {
    const type = this.#delivered.has(key) ? ResourceEventType.Modified : ResourceEventType.Added;
    const result = await this.#options.onEvent(this.#event(type, object));
    this.#delivered.add(key);
    return result ?? {};
  }

  async #deliverGone(key: string): Promise<void> {
    const last = this.#gone.get(key);
    if (!last) return;
    if (this.#delivered.has(key)) await this.#options.onEvent(this.#event(ResourceEventType.Deleted, last));
    this.#delivered.delete(key);
    this.#gone.delete(key);
    this.queue.forget(key);
  }

  #event(type: ResourceEvent['type'], object: WatchedObject): ResourceEvent {
    return { type, object, meta: ResourceMetaImpl.createWithPlural(this.#options.plural, object) };
  }
}
