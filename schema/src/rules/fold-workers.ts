// Folds the records of workers into the counter of their WaitGroup: counter = anonymous balance + own outstanding work of the
// workers - work of others that they finished. Pure; the caller reads the records, and writes the status guarded by the
// resourceVersion of the WaitGroup. docs/decisions/0047-the-fold.md says what each rule is for.
import { isDeepStrictEqual } from 'node:util';
import type { WaitGroup, WaitGroupStatus, WorkersStatus } from '../shape/wait-group.ts';
import type { WaitGroupWorker, WorkerState } from '../shape/worker.ts';
import { MAX_CONDITION_MESSAGE, MAX_COUNTER } from '../values/limits.ts';
import { compareRevisions } from '../values/revision.ts';
import { cutText } from '../values/text.ts';
import { toSeconds } from '../values/timestamp.ts';
import { changeCounter, currentStatus } from './counter.ts';
import { failRound } from './outcome.ts';
import { settleRetiring } from './retirement.ts';
import { setCondition } from './set-condition.ts';

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

const EMPTY: WorkersStatus = {
  ...{ active: 0, done: 0, failed: 0, lost: 0 },
  ...{ added: 0, finished: 0, borrowed: 0, revision: '0' },
};

export function foldWorkers(waitGroup: WaitGroup, source: WorkerRecords, now: Date): Fold {
  const status = currentStatus(waitGroup);
  const stored = status.workers ?? EMPTY;
  if (!source.isQuorumList && compareRevisions(source.revision, stored.revision) < 0) return { kind: 'stale' };
  const records = recordsOf(waitGroup, source.records);
  const newer = [...records.values()].filter((record) => isNewer(record, stored.revision));
  const settled = settleRetiring(stored, records);
  for (const { uid } of settled.retiring) records.delete(uid);
  const tally = tallyOf(records.values());
  const anonymous = status.counter - (settled.added - settled.finished) + settled.borrowed;
  const borrowed = Math.min(tally.borrowed, anonymous);
  const { retiring } = settled;
  const workers = {
    ...tally,
    borrowed,
    revision: source.revision,
    ...(retiring.length > 0 && { retiring: [...retiring] }),
  };
  if (newer.length === 0 && isSame(stored, workers, source)) return { kind: 'unchanged' };
  const raise = Math.max(tally.added - settled.added, 0);
  if (status.counter + raise > MAX_COUNTER) return { kind: 'unchanged' };
  const counter = anonymous + tally.added - tally.finished - borrowed;
  const raised = changeCounter({ ...status, workers }, raise, now);
  const judged = failedBy(waitGroup, raised, { newer, now });
  const next = changeCounter(judged, counter - judged.counter, now);
  const overrun = { unfolded: tally.borrowed - borrowed, records: [...records.values()] };
  const lowersSum = isLower(settled, tally) || countOf(workers) < countOf(stored);
  return { kind: 'folded', status: reflectOverrun(next, overrun, now), lowersSum };
}

function recordsOf({ metadata }: WaitGroup, records: Iterable<WaitGroupWorker>): Map<string, WaitGroupWorker> {
  const own = [...records].filter(({ spec }) => spec.waitGroupUid === metadata.uid);
  return new Map(own.map((record) => [record.metadata.uid ?? '', record]));
}

function isNewer({ metadata }: WaitGroupWorker, revision: string): boolean {
  return compareRevisions(metadata.resourceVersion ?? '0', revision) > 0;
}

type Tally = Omit<WorkersStatus, 'revision' | 'retiring'>;

const COUNTS: Readonly<Record<WorkerState, 'active' | 'done' | 'failed' | 'lost'>> = {
  ...{ Active: 'active', Done: 'done', Failed: 'failed', Lost: 'lost' },
};

function tallyOf(records: Iterable<WaitGroupWorker>): Tally {
  const { revision: _, ...tally } = { ...EMPTY };
  for (const { spec } of records) {
    tally[COUNTS[spec.state]] += 1;
    tally.added += spec.added;
    tally.finished += spec.done;
    tally.borrowed += spec.borrowed;
  }
  return tally;
}

/** A revision alone is not worth a write, unless the stored one is of another history. */
function isSame(stored: WorkersStatus, workers: WorkersStatus, { revision }: WorkerRecords): boolean {
  if (compareRevisions(revision, stored.revision) < 0) return false;
  return isDeepStrictEqual({ ...stored, revision }, workers);
}

function isLower(folded: Pick<Tally, 'added' | 'finished' | 'borrowed'>, tally: Tally): boolean {
  return tally.added < folded.added || tally.finished < folded.finished || tally.borrowed < folded.borrowed;
}

function countOf({ active, done, failed, lost }: Tally): number {
  return active + done + failed + lost;
}

/** Fails the present round if a worker failed, or was lost and the policy says so, since the last fold. */
function failedBy(
  { spec }: WaitGroup,
  status: WaitGroupStatus,
  { newer, now }: { readonly newer: readonly WaitGroupWorker[]; readonly now: Date },
): WaitGroupStatus {
  if (status.counter === 0) return status;
  const isFailure = (state: WorkerState) => state === 'Failed' || (state === 'Lost' && spec?.workerPolicy === 'Fail');
  const [first] = newer
    .filter((record) => isFailure(record.spec.state))
    .sort((a, b) => compareRevisions(a.metadata.resourceVersion ?? '0', b.metadata.resourceVersion ?? '0'));
  if (first === undefined) return status;
  const { state, worker, reason, message } = first.spec;
  const lost = state === 'Lost';
  const failure = {
    reason: lost ? 'WorkerLost' : (reason ?? 'WorkerFailed'),
    message: message ?? (lost ? 'The worker was lost.' : 'The worker failed.'),
    worker,
  };
  return failRound(status, failure, now);
}

interface Overrun {
  /** Finished work that the counter has no room for. */
  readonly unfolded: number;
  readonly records: readonly WaitGroupWorker[];
}

function reflectOverrun(status: WaitGroupStatus, { unfolded, records }: Overrun, now: Date): WaitGroupStatus {
  const { conditions = [] } = status;
  if (unfolded > 0) {
    const names = records.filter(({ spec }) => spec.borrowed > 0).map(({ spec }) => spec.worker);
    const message = cutText(`${unfolded} done waits for an add; workers: ${names.join(', ')}`, MAX_CONDITION_MESSAGE);
    const next = { type: 'Overrun', status: 'True', reason: 'DoneWithoutAdd', message } as const;
    return { ...status, conditions: setCondition(conditions, { ...next, lastTransitionTime: toSeconds(now) }) };
  }
  if (!conditions.some(({ type }) => type === 'Overrun')) return status;
  return { ...status, conditions: conditions.filter(({ type }) => type !== 'Overrun') };
}
