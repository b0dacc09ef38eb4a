// A cache of one collection, fed by list and watch. After a gap the new list is compared with the cache, so that deletions
// in the gap are reported, and a recreated object counts as another one.
import {
  type BackoffOptions,
  type KubeObject,
  type KubeTransport,
  type ListWatchEvent,
  type ListWatchObserver,
  type ListWatchOptions,
  listAndWatch,
} from '@konductor/client';

export interface ReflectorOptions<T> extends ListWatchOptions {
  /** Called for every object that was added, changed or deleted, after the cache is updated. */
  readonly onChange: (key: string, object: T) => void;
  readonly onSynced?: () => void;
}

/** The part of the observer that feeds metrics. */
export type ReflectorObserver = Pick<ListWatchObserver, 'onList' | 'onWatch'>;

/** The backoff of client-go's reflector, with full jitter. */
const BACKOFF: BackoffOptions = { initialMs: 800, maxMs: 30_000 };

/** `namespace/name/uid`: unlike a name, it never identifies two objects. */
export function objectKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}/${metadata.uid ?? ''}`;
}

export class Reflector<T extends KubeObject> {
  readonly #transport: KubeTransport;
  readonly #options: ReflectorOptions<T>;
  readonly #objects = new Map<string, T>();
  #hasSynced = false;

  constructor(transport: KubeTransport, options: ReflectorOptions<T>) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Whether the first list is complete. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  objects(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** Resolves when the signal is aborted. */
  async run(): Promise<void> {
    const options = { backoff: BACKOFF, ...this.#options };
    for await (const event of listAndWatch<T>(this.#transport, options)) this.#take(event);
  }

  #take(event: ListWatchEvent<T>): void {
    if (event.type === 'LISTED') this.#replace(event.items);
    else if (event.type === 'DELETED') this.#remove(objectKey(event.object), event.object);
    else this.#store(event.object);
  }

  #replace(items: readonly T[]): void {
    const listed = new Set(items.map(objectKey));
    for (const [key, object] of this.#objects) if (!listed.has(key)) this.#remove(key, object);
    for (const item of items) if (this.#isChanged(item)) this.#store(item);
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#options.onSynced?.();
  }

  #isChanged(item: T): boolean {
    return this.#objects.get(objectKey(item))?.metadata.resourceVersion !== item.metadata.resourceVersion;
  }

  #store(object: T): void {
    const key = objectKey(object);
    this.#objects.set(key, object);
    this.#options.onChange(key, object);
  }

  #remove(key: string, object: T): void {
    this.#objects.delete(key);
    this.#options.onChange(key, object);
  }
}
