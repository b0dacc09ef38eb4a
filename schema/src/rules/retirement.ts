// Takes the records of ended pods out of the sums, so that they can be deleted: their work remains in the counter. A record is
// deleted only in the state in which it was taken out; one that changed before that comes back into the sums.
import type { RetiringWorker, WaitGroupStatus, WorkersStatus } from '../shape/wait-group.ts';
import type { WaitGroupWorker } from '../shape/worker.ts';
import { MAX_RETIRING } from '../values/limits.ts';

/**
 * Returns the status with as many of the records as there is room for, which must be those of the last fold and not Active. Nothing
 * is retired while finished work awaits an add: it is not known of which records it is.
 */
export function retireWorkers(status: WaitGroupStatus, records: readonly WaitGroupWorker[]): WaitGroupStatus {
  const { workers, conditions = [] } = status;
  const isOverrun = conditions.some(({ type }) => type === 'Overrun');
  if (workers === undefined || isOverrun) return status;
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
  const count = { Active: 'active', Done: 'done', Failed: 'failed', Lost: 'lost' } as const;
  const field = count[state];
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
 * The sums and the list after comparing the list with the records: an entry whose record is gone is dropped; one whose record has
 * changed is dropped, too, and its values are in the sums again.
 */
export function settleRetiring(
  { added, finished, borrowed, retiring = [] }: WorkersStatus,
  records: ReadonlyMap<string, WaitGroupWorker>,
): Pick<WorkersStatus, 'added' | 'finished' | 'borrowed'> & { readonly retiring: readonly RetiringWorker[] } {
  const sums = { added, finished, borrowed };
  const kept = retiring.filter((entry) => {
    const record = records.get(entry.uid);
    if (record === undefined) return false;
    if (record.metadata.resourceVersion === entry.resourceVersion) return true;
    sums.added += entry.added;
    sums.finished += entry.done;
    sums.borrowed += entry.borrowed;
    return false;
  });
  return { ...sums, retiring: kept };
}
