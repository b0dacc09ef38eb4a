// Which failure of a worker fails the present round.
import type { FailureReason } from '../kind/reasons.ts';
import type { WaitGroup, WaitGroupStatus } from '../shape/wait-group.ts';
import type { WaitGroupWorker } from '../shape/worker.ts';
import { compareRevisions } from '../values/revision.ts';
import type { NewFailure } from './outcome.ts';
import { isOverrun } from './overrun.ts';

/** The records that may fail the round with this fold; `revision` is that of the last one. */
export function undecided(
  status: WaitGroupStatus,
  records: readonly WaitGroupWorker[],
  revision: string,
): readonly WaitGroupWorker[] {
  const round = isOverrun(status) ? (status.completions ?? 0) : Number.POSITIVE_INFINITY;
  // Work that was finished before it was added: no round was open then that could have failed.
  const awaitedAdd = ({ spec }: WaitGroupWorker) => spec.round >= round;
  return records.filter((record) => isNewer(record, revision) || awaitedAdd(record));
}

export function isNewer({ metadata }: WaitGroupWorker, revision: string): boolean {
  return compareRevisions(metadata.resourceVersion ?? '0', revision) > 0;
}

/** The first of these records whose worker failed, or was lost if the policy says so. */
export function failureOf({ spec }: WaitGroup, records: readonly WaitGroupWorker[]): NewFailure | undefined {
  const isLost = (record: WaitGroupWorker) => record.spec.state === 'Lost' && spec?.workerPolicy === 'Fail';
  const [first] = records
    .filter((record) => record.spec.state === 'Failed' || isLost(record))
    .sort((a, b) => compareRevisions(a.metadata.resourceVersion ?? '0', b.metadata.resourceVersion ?? '0'));
  if (first === undefined) return undefined;
  const { worker, reason = 'WorkerFailed', message } = first.spec;
  if (isLost(first))
    return { reason: 'WorkerLost' satisfies FailureReason, message: message ?? 'The worker was lost.', worker };
  return { reason, message: message ?? 'The worker failed.', worker };
}
