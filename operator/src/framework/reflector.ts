// A cache of one collection, fed by list and watch. Each list is compared with the cache, so that deletions between two
// watches are reported, and a recreated object counts as another one.
import { isDeepStrictEqual } from 'node:util';
import {
  type KubeObject,
  type KubeTransport,
  type ListWatchEvent,
  type ListWatchObserver,
  type ListWatchOptions,
  listAndWatch,
  type Transform,
} from '@konductor/client';

export interface ReflectorOptions<T> extends ListWatchOptions {
  /** Called for every object that was added, changed or deleted, after the cache is updated. */
  readonly onChange: (key: string, object: T) => void;
  readonly onSynced?: () => void;
}

/** The part of the observer that feeds metrics. */
export type ReflectorObserver = Pick<ListWatchObserver, 'onList' | 'onWatch'>;

const runtime = globalThis as { readonly Bun?: { gc(isSynchronous: boolean): void } };

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
    const transform: Transform = (object) => this.#cachedOr(this.#options.transform?.(object) ?? object);
    const options = { ...this.#options, transform };
    for await (const event of listAndWatch<T>(this.#transport, options)) this.#take(event);
  }

  /**
   * The cached object if it is the same, so that a list of unchanged objects takes no memory. A resourceVersion does not
   * prove that: after a restore, the API server assigns those of the lost history again.
   */
  #cachedOr<O extends KubeObject>(object: O): O {
    const cached: KubeObject | undefined = this.#objects.get(objectKey(object));
    return isDeepStrictEqual(cached, object) ? (cached as O) : object;
  }

  #take(event: ListWatchEvent<T>): void {
    if (event.type === 'LISTED') this.#replace(event.items);
    else if (event.type === 'DELETED') this.#remove(objectKey(event.object), event.object);
    else this.#store(event.object);
  }

  #replace(items: readonly T[]): void {
    const listed = new Set(items.map(objectKey));
    for (const [key, object] of this.#objects) if (!listed.has(key)) this.#remove(key, object);
    for (const item of items) if (this.#objects.get(objectKey(item)) !== item) this.#store(item);
    // The pages of a large collection are garbage now, which otherwise adds up over many lists. Node needs no help.
    runtime.Bun?.gc(true);
    if (this.#hasSynced) return;
    this.#hasSynced = true;
    this.#options.onSynced?.();
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
