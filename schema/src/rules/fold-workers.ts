// Folds the records of workers into the counter of their WaitGroup: counter = anonymous balance + own outstanding work of the
// workers - work of others that they finished. Pure; the caller reads the records, and writes the status guarded by the
// resourceVersion of the WaitGroup. docs/decisions/0047-the-fold.md says what each rule is for.
import { isDeepStrictEqual } from 'node:util';
import type { WaitGroup, WaitGroupStatus } from '../shape/wait-group.ts';
import type { WaitGroupWorker } from '../shape/worker.ts';
import type { WorkersStatus } from '../shape/workers-status.ts';
import { MAX_COUNTER } from '../values/limits.ts';
import { compareRevisions } from '../values/revision.ts';
import { changeCounter, currentStatus } from './counter.ts';
import { failRound } from './outcome.ts';
import { reflectOverrun } from './overrun.ts';
import { settleRetiring, WORKER_COUNTS } from './retirement.ts';
import { failureOf, isNewer, undecided } from './worker-failure.ts';

export interface WorkerRecords {
  /** All records of the WaitGroup at `revision`; those of another uid are ignored. */
  readonly records: Iterable<WaitGroupWorker>;
  /** The resourceVersion up to which the records are complete. */
  readonly revision: string;
  /** Whether a quorum read returned them after the WaitGroup was read. Such a list is never stale. */
  readonly isQuorumList?: boolean;
}

export type Fold =
  /** Records have been counted that are newer than these: fold a quorum list instead. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'unchanged' }
  /**
   * `lowersSum`: records are gone that were not retired. The caller writes only if neither the WaitGroup nor its namespace is being
   * deleted: their records vanish with them, one after another, and that is no completion.
   */
  | { readonly kind: 'folded'; readonly status: WaitGroupStatus; readonly lowersSum: boolean };

type Tally = Omit<WorkersStatus, 'revision' | 'retiring'>;

const NOTHING: Tally = { active: 0, done: 0, failed: 0, lost: 0, added: 0, finished: 0, borrowed: 0 };
const EMPTY: WorkersStatus = { ...NOTHING, revision: '0' };

export function foldWorkers(waitGroup: WaitGroup, source: WorkerRecords, now: Date): Fold {
  const stored = currentStatus(waitGroup).workers ?? EMPTY;
  const { revision } = source;
  const isOlder = compareRevisions(revision, stored.revision) < 0;
  if (isOlder && !source.isQuorumList) return { kind: 'stale' };
  const sums = sumUp(waitGroup, source);
  const hasNewer = sums.records.some((record) => isNewer(record, stored.revision));
  // A revision alone is not worth a write, unless the stored one is of another history.
  if (!hasNewer && !isOlder && isDeepStrictEqual({ ...stored, revision }, sums.workers)) return { kind: 'unchanged' };
  // There is no room for the new work, which remains uncounted until other work is done.
  if (sums.counter > MAX_COUNTER) return { kind: 'unchanged' };
  const lowersSum = isLower(sums.settled, sums.tally);
  return { kind: 'folded', status: count(waitGroup, sums, now), lowersSum };
}

interface Sums {
  /** Those that are not being retired. */
  readonly records: readonly WaitGroupWorker[];
  readonly tally: Tally;
  /** What was counted of these records before. */
  readonly settled: WorkersStatus;
  /** What is to be stored, and the counter with it. */
  readonly workers: WorkersStatus;
  readonly counter: number;
}

function sumUp(waitGroup: WaitGroup, { records, revision }: WorkerRecords): Sums {
  const status = currentStatus(waitGroup);
  const own = [...records].filter(({ spec }) => spec.waitGroupUid === waitGroup.metadata.uid);
  const settled = settleRetiring(status.workers ?? EMPTY, own);
  const { retiring } = settled;
  const counted = own.filter(({ metadata }) => !retiring?.some(({ uid }) => uid === metadata.uid));
  const tally = tallyOf(counted);
  const anonymous = status.counter - (settled.added - settled.finished) + settled.borrowed;
  const borrowed = Math.min(tally.borrowed, anonymous);
  const workers = { ...tally, borrowed, revision, ...(retiring && { retiring }) };
  return { records: counted, tally, settled, workers, counter: anonymous + tally.added - tally.finished - borrowed };
}

/** Changes the counter as one add and one done would: rounds, outcome and conditions follow from the counting rule. */
function count(waitGroup: WaitGroup, { records, tally, settled, workers, counter }: Sums, now: Date): WaitGroupStatus {
  const status = currentStatus(waitGroup);
  const raised = changeCounter({ ...status, workers }, Math.max(tally.added - settled.added, 0), now);
  const failure = failureOf(waitGroup, undecided(status, records, status.workers?.revision ?? EMPTY.revision));
  const judged = failure && raised.counter > 0 ? failRound(raised, failure, now) : raised;
  const next = changeCounter(judged, counter - judged.counter, now);
  return reflectOverrun(next, { uncounted: tally.borrowed - workers.borrowed, records }, now);
}

function tallyOf(records: readonly WaitGroupWorker[]): Tally {
  const tally = { ...NOTHING };
  for (const { spec } of records) {
    tally[WORKER_COUNTS[spec.state]] += 1;
    tally.added += spec.added;
    tally.finished += spec.done;
    tally.borrowed += spec.borrowed;
  }
  return tally;
}

function isLower(folded: Tally, tally: Tally): boolean {
  const isFewer = countOf(tally) < countOf(folded);
  return isFewer || tally.added < folded.added || tally.finished < folded.finished || tally.borrowed < folded.borrowed;
}

function countOf({ active, done, failed, lost }: Tally): number {
  return active + done + failed + lost;
}
