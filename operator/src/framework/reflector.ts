// A cache of one collection, fed by list and watch. Each list is compared with the cache, so that deletions between two
// watches are reported, and a recreated object counts as another one.
import { isDeepStrictEqual } from 'node:util';
import {
  type KubeObject,
  type KubeTransport,
  type ListWatchEvent,
  type ListWatchOptions,
  listAndWatch,
  type Transform,
} from '@konductor/client';

export interface ReflectorOptions<T> extends ListWatchOptions {
  /** Called for every object that was added, changed or deleted, after the cache is updated; `previous` is what it held before. */
  readonly onChange: (key: string, object: T, previous: T | undefined) => void;
  readonly onSynced?: () => void;
}

const runtime = globalThis as { readonly Bun?: { gc(isSynchronous: boolean): void } };

/** `namespace/name/uid`: unlike a name, it never identifies two objects. */
export function objectKey({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}/${metadata.uid ?? ''}`;
}

export class Reflector<T extends KubeObject> {
  readonly #transport: KubeTransport;
  readonly #options: ReflectorOptions<T>;
  readonly #objects = new Map<string, T>();
  #revision: string | undefined;

  constructor(transport: KubeTransport, options: ReflectorOptions<T>) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Whether the first list is complete. */
  get hasSynced(): boolean {
    return this.#revision !== undefined;
  }

  /** The resourceVersion up to which the cache has every change of the collection; undefined before the first list. */
  get revision(): string | undefined {
    return this.#revision;
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
    const onBookmark = (resourceVersion: string) => {
      this.#revision = resourceVersion;
    };
    const options = { ...this.#options, transform, observer: { ...this.#options.observer, onBookmark } };
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
    if (event.type === 'LISTED') this.#replace(event.items, event.resourceVersion);
    else this.#change(event);
  }

  #change({ type, object }: Exclude<ListWatchEvent<T>, { type: 'LISTED' }>): void {
    this.#revision = object.metadata.resourceVersion;
    if (type === 'DELETED') this.#remove(objectKey(object), object);
    else this.#store(object);
  }

  #replace(items: readonly T[], resourceVersion: string): void {
    const isFirst = !this.hasSynced;
    const listed = new Set(items.map(objectKey));
    for (const [key, object] of this.#objects) if (!listed.has(key)) this.#remove(key, object);
    for (const item of items) if (this.#objects.get(objectKey(item)) !== item) this.#store(item);
    this.#revision = resourceVersion;
    // The pages of a large collection are garbage now, which otherwise adds up over many lists. Node needs no help.
    runtime.Bun?.gc(true);
    if (isFirst) this.#options.onSynced?.();
  }

  #store(object: T): void {
    const key = objectKey(object);
    const previous = this.#objects.get(key);
    this.#objects.set(key, object);
    this.#options.onChange(key, object, previous);
  }

  #remove(key: string, object: T): void {
    const previous = this.#objects.get(key);
    this.#objects.delete(key);
    this.#options.onChange(key, object, previous);
  }
}
