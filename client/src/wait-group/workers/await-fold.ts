// Waits until the operator has counted a record, by one watch of its group, never by polling.
import { compareRevisions, type WaitGroup, type WaitGroupWorker } from '@konductor/schema';
import { AbortedError } from '../../core/errors.ts';
import type { KubeTransport } from '../../transport/transport.ts';
import type { RetryContext } from '../retry.ts';
import { NotYetCountedError, WaitGroupNotFoundError } from '../wait-group-errors.ts';
import { waitGroupEvents } from '../wait-group-watch.ts';

export interface FoldWatch {
  readonly transport: KubeTransport;
  /** A watch that is silent for longer is considered dead; absent: the default of every watch. */
  readonly idleTimeoutMs: number | undefined;
}

/**
 * The group once it counts the record; `group` is the one that the record is of, as it was read before. Errors:
 * WaitGroupNotFoundError, NotYetCountedError at the time limit, AbortedError, and the API server's rejections.
 */
export async function awaitFold(
  { transport, idleTimeoutMs }: FoldWatch,
  { group, record }: { readonly group: WaitGroup; readonly record: WaitGroupWorker },
  { group: reference, deadline, onRetry }: RetryContext,
): Promise<WaitGroup> {
  if (counts(group, record)) return group;
  let last = group;
  let failure: Error | undefined;
  const reset = () => {
    failure = undefined;
  };
  const observer = {
    ...{ onList: reset, onWatch: reset },
    onRetry: (error: Error, delayMs: number) => {
      failure = error;
      onRetry?.(error, delayMs);
    },
  };
  const { signal } = deadline;
  for await (const event of waitGroupEvents(transport, { ...reference, signal, idleTimeoutMs, observer })) {
    const now = event.type === 'LISTED' ? event.items[0] : event.object;
    const isGone = now === undefined || event.type === 'DELETED' || now.metadata.deletionTimestamp !== undefined;
    if (now && now.metadata.uid !== group.metadata.uid)
      throw new WaitGroupNotFoundError(reference, 'recreated', last.status);
    if (isGone) throw new WaitGroupNotFoundError(reference, 'deleted', last.status);
    if (counts(now, record)) return now;
    last = now;
  }
  if (!deadline.isOver) throw new AbortedError('aborted; the add is recorded, but not yet counted');
  const isOperatorAway = revisionOf(last) === revisionOf(group);
  throw new NotYetCountedError(reference, { record, isOperatorAway, timeoutMs: deadline.timeoutMs, cause: failure });
}

function counts(group: WaitGroup, { metadata }: WaitGroupWorker): boolean {
  return compareRevisions(revisionOf(group), metadata.resourceVersion ?? '0') >= 0;
}

/** Up to which change of records the group counts them; nothing is older than 0. */
function revisionOf({ status }: WaitGroup): string {
  return status?.workers?.revision ?? '0';
}
