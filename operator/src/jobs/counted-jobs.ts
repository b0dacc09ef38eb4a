// The cached Jobs with the label konductor.io/counts-for, by the WaitGroup that they count for.
import type { KubeTransport, ListWatchObserver } from '@konductor/client';
import { COUNTS_FOR_LABEL, type WaitGroupWorker } from '@konductor/schema';
import { Reflector } from '../framework/reflector.ts';
import type { JobEnd } from '../workers/job-end.ts';
import { KeyIndex } from '../workers/key-index.ts';
import { jobsPath, PAGE_SIZE } from '../workers/live-reads.ts';
import { type CountedJob, parentOf, reduceCountedJob, slotOf, slotOfRecord } from './counted-job.ts';

const MAX_GONE = 10_000;

export interface CountedJobsOptions {
  readonly transport: KubeTransport;
  /** Absent: all namespaces. */
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
  readonly observer: ListWatchObserver;
  /** Called with the slot of each Job that is new, changed or gone, and with the former slot of one that moved. */
  readonly onSlot: (slot: string) => void;
  readonly onSynced: () => void;
}

export class CountedJobs {
  readonly #reflector: Reflector<CountedJob>;
  readonly #onSlot: (slot: string) => void;
  /** The keys of the Jobs in the reflector. */
  readonly #bySlot = new Map<string, string>();
  readonly #byGroup = new KeyIndex();
  /** The Jobs that had finished and are gone, by their slots, until that is in their records. */
  readonly #gone = new Map<string, CountedJob>();

  constructor({ transport, namespace, signal, observer, onSlot, onSynced }: CountedJobsOptions) {
    this.#onSlot = onSlot;
    this.#reflector = new Reflector<CountedJob>(transport, {
      path: jobsPath(namespace),
      query: { labelSelector: COUNTS_FOR_LABEL },
      transform: reduceCountedJob,
      pageSize: PAGE_SIZE,
      isRetried: () => true,
      ...{ signal, observer, onSynced },
      onChange: (key, object, previous) => this.#onChange(key, object, previous),
    });
  }

  /** Resolves when the signal is aborted. */
  run(): Promise<void> {
    return this.#reflector.run();
  }

  /** Whether the first list is complete. */
  get hasSynced(): boolean {
    return this.#reflector.hasSynced;
  }

  get(slot: string): CountedJob | undefined {
    return this.#reflector.get(this.#bySlot.get(slot) ?? '');
  }

  /** How the Job of a record ended, if it was seen to do so before it was gone. */
  endOf(record: WaitGroupWorker): JobEnd | undefined {
    const gone = this.#gone.get(slotOfRecord(record) ?? '');
    return gone?.metadata.uid === record.spec.job?.uid ? gone?.end : undefined;
  }

  forgetEnd(slot: string): void {
    this.#gone.delete(slot);
  }

  slots(): Iterable<string> {
    return this.#bySlot.keys();
  }

  /** The slots of the Jobs of a WaitGroup: `namespace/name`. */
  slotsOf(group: string): Iterable<string> {
    return this.#byGroup.keysOf(group);
  }

  objects(): Iterable<CountedJob> {
    return this.#reflector.objects();
  }

  #onChange(key: string, object: CountedJob, previous: CountedJob | undefined): void {
    const before = previous && slotOf(previous);
    const after = this.#reflector.get(key) && slotOf(object);
    if (before !== undefined && before !== after) this.#leave(before, key);
    if (after === undefined) this.#keepEnd(object);
    else this.#enter(after, key);
    for (const slot of new Set([before, after])) if (slot !== undefined) this.#onSlot(slot);
  }

  /** The record can be newer than the cache of records, so that the end may have to wait for it. */
  #keepEnd(job: CountedJob): void {
    if (job.end === undefined) return;
    this.#gone.set(slotOf(job), job);
    const [oldest] = this.#gone.keys();
    if (this.#gone.size > MAX_GONE && oldest !== undefined) this.#gone.delete(oldest);
  }

  #enter(slot: string, key: string): void {
    this.#bySlot.set(slot, key);
    this.#byGroup.move(slot, undefined, parentOf(slot));
  }

  #leave(slot: string, key: string): void {
    if (this.#bySlot.get(slot) !== key) return;
    this.#bySlot.delete(slot);
    this.#byGroup.move(slot, parentOf(slot), undefined);
  }
}
