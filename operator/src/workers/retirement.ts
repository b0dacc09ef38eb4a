// Retires the records of workers whose pods or Jobs are gone: finds those that a fold may take out of the sums, and deletes them once that
// is written. So a WaitGroup that lives for years stays as small and as fast as a new one.
import { ConflictError, NotFoundError } from '@konductor/client';
import { MAX_RETIRING, type RetiringWorker, type WaitGroup } from '@konductor/schema';
import type { CountedWorker } from './cached-worker.ts';
import type { LiveChecks } from './live-checks.ts';
import type { Uids } from './live-reads.ts';
import { isRetirable } from './retirable.ts';
import type { WorkerCache } from './worker-cache.ts';

export interface RetirementOptions {
  readonly cache: Pick<WorkerCache, 'recordsOf'>;
  readonly live: Pick<LiveChecks, 'podUids' | 'jobUids' | 'deleteRecord'>;
  /** Called for each record that was deleted. */
  readonly onRetired: () => void;
  readonly monotonicMs?: () => number;
}

/** At least as many finished records of a WaitGroup are kept: they show what happened lately. */
const KEPT = 64;
/** With fewer to retire, each worker that finishes would cost writes of its own. */
const BATCH = MAX_RETIRING;
/** The pause before the pods of a namespace are listed again, unless that found enough records for a write. */
const INTERVAL_MS = 60_000;
/** The pause if nothing was found, and nothing changes. */
const IDLE_INTERVAL_MS = 600_000;
const MAX_FOUND = 1_024;
/** How many deletions of one WaitGroup are sent at once. */
const DELETIONS = 4;
const NONE: Uids = new Set();

interface Found {
  readonly lookedAt: number;
  /** The resourceVersions of the records by their uid. */
  readonly versions: ReadonlyMap<string | undefined, string | undefined>;
}

export class Retirement {
  readonly #options: RetirementOptions;
  readonly #monotonicMs: () => number;
  /** By the uid of the WaitGroup. */
  readonly #found = new Map<string | undefined, Found>();

  constructor(options: RetirementOptions) {
    this.#options = options;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** When to look again at a WaitGroup that does not change; undefined if there is nothing to retire. */
  requeueAfterMs(waitGroup: WaitGroup): number | undefined {
    if (surplusOf(waitGroup) === 0) return undefined;
    const hasFound = this.#found.get(waitGroup.metadata.uid)?.versions.size !== 0;
    return hasFound ? INTERVAL_MS : IDLE_INTERVAL_MS;
  }

  /** Finds records that may be retired, where that is due. */
  async look(waitGroup: WaitGroup, now: Date): Promise<void> {
    if (surplusOf(waitGroup) === 0 || !this.#isDue(waitGroup)) return;
    // The records first: a pod or Job exists before its record does.
    const { records } = this.#options.cache.recordsOf(waitGroup);
    const owners = await this.#owners(waitGroup, records);
    const found = records.filter((record) => isRetirable(record, { waitGroup, ...owners, now })).slice(0, MAX_FOUND);
    const lookedAt = this.#monotonicMs();
    const versions = new Map(found.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
    this.#found.set(waitGroup.metadata.uid, { lookedAt, versions });
  }

  /** Those of the records that may be retired now: they were found, and have not changed. */
  choose(waitGroup: WaitGroup, records: readonly CountedWorker[]): readonly CountedWorker[] {
    const { versions } = this.#found.get(waitGroup.metadata.uid) ?? {};
    const isFound = ({ metadata: { uid, resourceVersion } }: CountedWorker) => versions?.get(uid) === resourceVersion;
    return versions ? records.filter(isFound).slice(0, surplusOf(waitGroup)) : [];
  }

  /** Deletes what is out of the sums, in the state in which it was taken out: a record that has changed comes back. */
  async deleteRetiring(waitGroup: WaitGroup): Promise<void> {
    const { retiring = [] } = waitGroup.status?.workers ?? {};
    if (retiring.length === 0) return;
    const { records } = this.#options.cache.recordsOf(waitGroup);
    const versions = new Map(records.map(({ metadata }) => [metadata.uid, metadata.resourceVersion]));
    const left = retiring.filter(({ uid, resourceVersion }) => versions.get(uid) === resourceVersion);
    const deleteAll = async () => {
      for (let entry = left.shift(); entry; entry = left.shift()) await this.#delete(waitGroup, entry);
    };
    await Promise.all(Array.from({ length: DELETIONS }, deleteAll));
  }

  forget(uid: string): void {
    this.#found.delete(uid);
  }

  async #owners({ metadata: { namespace } }: WaitGroup, records: readonly CountedWorker[]) {
    const { live } = this.#options;
    const [pods, jobs] = await Promise.all([
      records.some(({ spec }) => spec.pod) ? live.podUids(namespace) : NONE,
      records.some(({ spec }) => spec.job) ? live.jobUids(namespace) : NONE,
    ]);
    return { pods, jobs };
  }

  #isDue(waitGroup: WaitGroup): boolean {
    const found = this.#found.get(waitGroup.metadata.uid);
    if (found === undefined) return true;
    const isPausing = found.versions.size < MAX_RETIRING && this.#monotonicMs() - found.lookedAt < INTERVAL_MS;
    if (isPausing) return false;
    return this.choose(waitGroup, this.#options.cache.recordsOf(waitGroup).records).length === 0;
  }

  async #delete({ metadata }: WaitGroup, entry: RetiringWorker): Promise<void> {
    try {
      await this.#options.live.deleteRecord(metadata.namespace, entry);
      this.#options.onRetired();
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error;
    }
  }
}

/** How many finished records a WaitGroup has beyond those that are kept; 0 if retiring them is not worth the writes yet. */
function surplusOf({ status }: WaitGroup): number {
  const { done = 0, failed = 0, lost = 0 } = status?.workers ?? {};
  const surplus = done + failed + lost - KEPT;
  return surplus < BATCH ? 0 : surplus;
}
