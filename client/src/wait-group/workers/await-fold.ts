// Waits until the operator has counted a record, by one watch of its group, never by polling.
import { compareRevisions, currentStatus, MAX_COUNTER, type WaitGroup, type WaitGroupWorker } from '@konductor/schema';
import { AbortedError } from '../../core/errors.ts';
import type { ListWatchEvent, ListWatchObserver } from '../../kubernetes/list-watch.ts';
import type { KubeTransport } from '../../transport/transport.ts';
import type { RetryContext } from '../retry.ts';
import { NotYetCountedError, WaitGroupNotFoundError, type WaitGroupReference } from '../wait-group-errors.ts';
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
  const availability = new Availability(onRetry);
  const options = { ...reference, signal: deadline.signal, idleTimeoutMs, observer: availability };
  let last = group;
  for await (const event of waitGroupEvents(transport, options)) {
    last = groupAfter(event, last, reference);
    if (counts(last, record)) return last;
  }
  if (!deadline.isOver) throw new AbortedError('aborted; the add is recorded, but not yet counted');
  const isOperatorAway = revisionOf(last) === revisionOf(group);
  const isFull = currentStatus(last).counter === MAX_COUNTER;
  const { timeoutMs } = deadline;
  throw new NotYetCountedError(reference, { record, isOperatorAway, isFull, timeoutMs, cause: availability.failure });
}

/** Whether the API server responds. */
class Availability implements ListWatchObserver {
  /** Undefined while it does. */
  failure: Error | undefined;
  readonly #onRetry: RetryContext['onRetry'];

  constructor(onRetry: RetryContext['onRetry']) {
    this.#onRetry = onRetry;
  }

  onList(): void {
    this.failure = undefined;
  }

  onWatch(): void {
    this.failure = undefined;
  }

  onRetry(error: Error, delayMs: number): void {
    this.failure = error;
    this.#onRetry?.(error, delayMs);
  }
}

/** Throws WaitGroupNotFoundError for a group that is gone, or another one. */
function groupAfter(event: ListWatchEvent<WaitGroup>, before: WaitGroup, reference: WaitGroupReference): WaitGroup {
  const now = event.type === 'LISTED' ? event.items[0] : event.object;
  const isSame = now?.metadata.uid === before.metadata.uid;
  if (now && isSame && event.type !== 'DELETED' && !now.metadata.deletionTimestamp) return now;
  throw new WaitGroupNotFoundError(reference, now && !isSame ? 'recreated' : 'deleted', before.status);
}

function counts(group: WaitGroup, { metadata }: WaitGroupWorker): boolean {
  return compareRevisions(revisionOf(group), metadata.resourceVersion ?? '0') >= 0;
}

/** Up to which change of records the group counts them; nothing is older than 0. */
function revisionOf({ status }: WaitGroup): string {
  return status?.workers?.revision ?? '0';
}
