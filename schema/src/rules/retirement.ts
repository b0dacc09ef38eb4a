// Takes the records of ended pods out of the sums, so that they can be deleted: their work remains in the counter. A record is
// deleted only in the state in which it was taken out; one that changed before that comes back into the sums.
import type { WaitGroupStatus } from '../shape/wait-group.ts';
import type { WaitGroupWorker, WorkerState } from '../shape/worker.ts';
import type { RetiringWorker, WorkersStatus } from '../shape/workers-status.ts';
import { MAX_RETIRING } from '../values/limits.ts';
import { isOverrun } from './overrun.ts';

/** The field of the status that counts the workers of each state. */
export const WORKER_COUNTS: Readonly<Record<WorkerState, 'active' | 'done' | 'failed' | 'lost'>> = {
  ...{ Active: 'active', Done: 'done', Failed: 'failed', Lost: 'lost' },
};

/**
 * Returns the status with as many of the records as there is room for, which must be those of the last fold and not Active. Nothing
 * is retired while finished work awaits an add: nobody knows of which records it is.
 */
export function retireWorkers(status: WaitGroupStatus, records: readonly WaitGroupWorker[]): WaitGroupStatus {
  const { workers } = status;
  if (workers === undefined || isOverrun(status)) return status;
  const { retiring = [] } = workers;
  const room = MAX_RETIRING - retiring.length;
  const isRetiring = ({ metadata }: WaitGroupWorker) => retiring.some(({ uid }) => uid === metadata.uid);
  const retired = records.filter((record) => !isRetiring(record)).slice(0, room);
  if (retired.length === 0) return status;
  const next = retired.reduce(withoutRecord, workers);
  return { ...status, workers: { ...next, retiring: [...retiring, ...retired.map(retiringWorker)] } };
}

function withoutRecord(workers: WorkersStatus, { spec }: WaitGroupWorker): WorkersStatus {
  const { added, done, borrowed, state } = spec;
  const field = WORKER_COUNTS[state];
  return {
    ...workers,
    [field]: workers[field] - 1,
    added: workers.added - added,
    finished: workers.finished - done,
    borrowed: workers.borrowed - borrowed,
  };
}

function retiringWorker({ metadata, spec }: WaitGroupWorker): RetiringWorker {
  const { name, uid = '', resourceVersion = '' } = metadata;
  const { added, done, borrowed } = spec;
  return { name, uid, resourceVersion, added, done, borrowed };
}

/**
 * Compares the list with the records: an entry whose record is gone is dropped; one whose record has changed is dropped, too, and
 * its values are in the sums again.
 */
export function settleRetiring(workers: WorkersStatus, records: readonly WaitGroupWorker[]): WorkersStatus {
  const { retiring, ...settled } = workers;
  if (retiring === undefined) return workers;
  const byUid = new Map(records.map((record) => [record.metadata.uid, record]));
  const isUnchanged = ({ uid, resourceVersion }: RetiringWorker) =>
    byUid.get(uid)?.metadata.resourceVersion === resourceVersion;
  const kept = retiring.filter(isUnchanged);
  for (const { uid, added, done, borrowed } of retiring) {
    if (!byUid.has(uid) || kept.some((entry) => entry.uid === uid)) continue;
    // Which state it had does not matter, only that no worker seems to be missing.
    settled.done += 1;
    settled.added += added;
    settled.finished += done;
    settled.borrowed += borrowed;
  }
  return { ...settled, ...(kept.length > 0 && { retiring: kept }) };
}
