// The cached records of workers, by the WaitGroup that counts them.
import type { KubeObject } from '@konductor/client';
import type { WorkerRecords } from '@konductor/schema';
import { objectKey, type Reflector, type ReflectorOptions } from '../framework/reflector.ts';
import { type CachedWorker, type CountedWorker, groupKey } from './cached-worker.ts';
import { KeyIndex } from './key-index.ts';

type OnChange = ReflectorOptions<CachedWorker>['onChange'];

export interface WorkerCacheOptions {
  /** Starts the watch that feeds the cache. */
  readonly watch: (onChange: OnChange) => Reflector<CachedWorker>;
  /** Called with the key of the WaitGroup of each record that was added, changed or deleted. */
  readonly onGroupChange: (key: string) => void;
  /** Called with every record that is new, changed or gone (undefined). */
  readonly onRecord?: ((key: string, record: CountedWorker | undefined) => void) | undefined;
  /** Called with the key of a record that is not a WaitGroupWorker as this operator knows it; it is not counted. */
  readonly onUnreadable: (key: string) => void;
}

export class WorkerCache {
  readonly #options: WorkerCacheOptions;
  readonly #reflector: Reflector<CachedWorker>;
  readonly #byGroup = new KeyIndex();

  constructor(options: WorkerCacheOptions) {
    this.#options = options;
    this.#reflector = options.watch((key, record, previous) => this.#onChange(key, record, previous));
  }

  /** All records of a WaitGroup, and the revision up to which they are complete. */
  recordsOf(waitGroup: KubeObject): WorkerRecords & { readonly records: readonly CountedWorker[] } {
    return {
      records: this.#get(this.#byGroup.keysOf(objectKey(waitGroup))),
      revision: this.#reflector.revision ?? '0',
    };
  }

  records(): readonly CountedWorker[] {
    return [...this.#reflector.objects()].filter(isCounted);
  }

  #get(keys: Iterable<string>): CountedWorker[] {
    return Array.from(keys, (key) => this.#reflector.get(key)).filter(isCounted);
  }

  #onChange(key: string, record: CachedWorker, previous: CachedWorker | undefined): void {
    const current = this.#reflector.get(key);
    this.#byGroup.move(key, previous && groupKey(previous), current && groupKey(current));
    this.#options.onRecord?.(key, isCounted(current) ? current : undefined);
    const group = groupKey(record);
    if (group === undefined) this.#options.onUnreadable(key);
    else this.#options.onGroupChange(group);
  }
}

function isCounted(record: CachedWorker | undefined): record is CountedWorker {
  return record?.spec !== undefined;
}
