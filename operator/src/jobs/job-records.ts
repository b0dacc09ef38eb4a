// The records that Jobs own, from the records as they change.
import { toWorkerId } from '@konductor/client';
import { type WaitGroup, type WaitGroupWorker, type WorkerPolicy, workerRecordName } from '@konductor/schema';
import { KeyIndex } from '../workers/key-index.ts';
import { parentOf, slotOfRecord } from './counted-job.ts';

export interface JobRecord {
  readonly slot: string;
  readonly record: WaitGroupWorker;
  /** The policy under which a loss was reported: under Keep nothing else follows. */
  reported?: WorkerPolicy | undefined;
}

export class JobRecords {
  /** By `namespace/name`. */
  readonly #byPath = new Map<string, JobRecord>();
  readonly #byGroup = new KeyIndex();

  /** Returns the slot of the record, undefined if no Job owns it; `record` undefined: it was deleted. */
  observe(key: string, record: WaitGroupWorker | undefined): string | undefined {
    const path = parentOf(key);
    const known = this.#byPath.get(path);
    const slot = record && slotOfRecord(record);
    this.#byGroup.move(path, known && parentOf(known.slot), slot && parentOf(slot));
    if (record === undefined || slot === undefined) {
      this.#byPath.delete(path);
      return known?.slot;
    }
    const isSameJob = known?.record.spec.job?.uid === record.spec.job?.uid;
    this.#byPath.set(path, { slot, record, reported: isSameJob ? known?.reported : undefined });
    return slot;
  }

  /** The record of a Job, by the name of the Job. */
  of({ metadata: { namespace, name, uid = '' } }: WaitGroup, job: string): JobRecord | undefined {
    return this.#byPath.get(`${namespace}/${workerRecordName({ name, uid }, toWorkerId(job))}`);
  }

  slots(): ReadonlySet<string> {
    return new Set(Array.from(this.#byPath.values(), ({ slot }) => slot));
  }

  /** The slots of the records of a WaitGroup: `namespace/name`. */
  slotsOf(group: string): readonly string[] {
    return Array.from(this.#byGroup.keysOf(group), (path) => this.#byPath.get(path)?.slot ?? '');
  }
}
