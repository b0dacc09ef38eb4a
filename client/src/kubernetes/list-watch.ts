// Lists a collection, then watches it: the stream of changes that feeds both a waiting client and the operator's cache.
// It retries after closed and stalled watches, 410, 429 and an unavailable API server. However a watch ended, it lists
// again: see docs/decisions/0037-back-in-seconds.md.
import { Backoff, MAX_OUTAGE_DELAY_MS } from '../core/backoff.ts';
import { AbortedError, GoneError, isTransient, retryAfterMsOf } from '../core/errors.ts';
import { sleep } from '../core/timer.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';
import { type ListRequest, listAll } from './list.ts';
import { watchEvents } from './watch.ts';

export interface ListWatchOptions extends Pick<ListRequest, 'path' | 'query' | 'pageSize' | 'transform'> {
  readonly signal: AbortSignal;
  readonly observer?: ListWatchObserver;
  /** Whether to retry an error that is not transient; by default, it is thrown. */
  readonly isRetried?: (error: unknown) => boolean;
  /**
   * The API server sends a bookmark about once a minute; a longer silence means that the connection is dead. It is noticed
   * long before the watch would end. See docs/decisions/0009-idle-limit-of-a-watch.md. 180,000 by default.
   */
  readonly idleTimeoutMs?: number | undefined;
}

export interface ListWatchObserver {
  /** Called after each complete list: the first one, and one for each watch that ended. */
  onList?(): void;
  /** Called when the API server accepts a watch. */
  onWatch?(): void;
  /** Called with each bookmark: every change up to this resourceVersion has been yielded. */
  onBookmark?(resourceVersion: string): void;
  /** Called for each failure that is retried, with the delay before the next attempt. */
  onRetry?(error: Error, delayMs: number): void;
}

/** LISTED replaces everything known so far; the others change one object. */
export type ListWatchEvent<T> =
  | { readonly type: 'LISTED'; readonly items: readonly T[]; readonly resourceVersion: string }
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T };

const IDLE_TIMEOUT_MS = 180_000;
/** The API server ends a watch after a random time in this range, as in client-go's reflector. */
const WATCH_SECONDS = { min: 300, max: 600 };
const BACKOFF = { initialMs: 200, maxMs: MAX_OUTAGE_DELAY_MS };
/** A watch that lived this long was healthy; one that ends sooner is retried with backoff. */
const HEALTHY_WATCH_MS = 1_000;

/** Ends when `signal` is aborted; throws errors that are not transient unless `isRetried` accepts them. */
export async function* listAndWatch<T extends KubeObject>(
  transport: KubeTransport,
  options: ListWatchOptions,
): AsyncGenerator<ListWatchEvent<T>> {
  const backoff = new Backoff(BACKOFF);
  while (!options.signal.aborted) {
    try {
      const listed = await list<T>(transport, options);
      yield { type: 'LISTED', ...listed };
      yield* watchFrom<T>(transport, options, { resourceVersion: listed.resourceVersion, backoff });
    } catch (error) {
      if (error instanceof AbortedError && options.signal.aborted) return;
      await recover(error, options, backoff);
    }
  }
}

async function list<T extends KubeObject>(transport: KubeTransport, options: ListWatchOptions) {
  const { path, query = {}, signal, pageSize, transform, observer } = options;
  const listed = await listAll<T>(transport, { path, query, signal, pageSize, transform });
  observer?.onList?.();
  return listed;
}

interface Start {
  readonly resourceVersion: string;
  readonly backoff: Backoff;
}

async function* watchFrom<T extends KubeObject>(
  transport: KubeTransport,
  options: ListWatchOptions,
  { resourceVersion, backoff }: Start,
): AsyncGenerator<ListWatchEvent<T>> {
  let openedAt = Number.POSITIVE_INFINITY;
  const isHealthy = () => performance.now() - openedAt >= HEALTHY_WATCH_MS;
  const onOpen = () => {
    openedAt = performance.now();
    options.observer?.onWatch?.();
  };
  try {
    for await (const event of watchEvents<T>(transport, { ...watchRequest(options), resourceVersion, onOpen })) {
      const { type, object } = event;
      if (type === 'BOOKMARK') options.observer?.onBookmark?.(object.metadata.resourceVersion ?? '');
      else yield { type, object: options.transform?.(object) ?? object };
    }
  } finally {
    if (isHealthy()) backoff.reset();
  }
  if (!isHealthy()) await sleep(backoff.next(), options.signal);
}

function watchRequest({ path, query = {}, signal, idleTimeoutMs = IDLE_TIMEOUT_MS }: ListWatchOptions) {
  const { min, max } = WATCH_SECONDS;
  const timeoutSeconds = Math.round(min + Math.random() * (max - min));
  return { path, query, signal, idleTimeoutMs, timeoutSeconds };
}

async function recover(error: unknown, options: ListWatchOptions, backoff: Backoff): Promise<void> {
  const isRetried = isTransient(error) || error instanceof GoneError || options.isRetried?.(error);
  if (!isRetried) throw error;
  const delayMs = backoff.next(retryAfterMsOf(error));
  options.observer?.onRetry?.(error as Error, delayMs);
  try {
    await sleep(delayMs, options.signal);
  } catch (interruption) {
    if (!(interruption instanceof AbortedError)) throw interruption;
  }
}
