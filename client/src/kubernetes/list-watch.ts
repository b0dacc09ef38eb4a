// Lists a collection, then watches it: the stream of changes that feeds both a waiting client and the operator's cache.
// It retries after closed and stalled watches, 410, 429 and an unavailable API server, and resumes from the last resourceVersion.
import { Backoff, type BackoffOptions } from '../core/backoff.ts';
import { AbortedError, GoneError, isTransient, retryAfterMsOf } from '../core/errors.ts';
import { sleep } from '../core/timer.ts';
import type { KubeTransport } from '../transport/transport.ts';
import type { KubeObject } from './kube-object.ts';
import { type ListRequest, listAll } from './list.ts';
import { watchEvents } from './watch.ts';

export interface ListWatchOptions extends Pick<ListRequest, 'path' | 'query' | 'pageSize' | 'transform'> {
  readonly signal: AbortSignal;
  readonly observer?: ListWatchObserver;
  /** Retry every error; by default, errors that are not transient are thrown. */
  readonly retryAll?: boolean;
  /**
   * The API server sends a bookmark about once a minute; a longer silence means that the connection is dead. It is noticed
   * long before the watch would end. See docs/decisions/0009-idle-limit-of-a-watch.md. 180,000 by default.
   */
  readonly idleTimeoutMs?: number | undefined;
  /** The delay between attempts; from 0.2 to 3 s by default, because a user may be waiting. */
  readonly backoff?: BackoffOptions;
}

export interface ListWatchObserver {
  /** Called after each complete list: the first one, and one for each gap that no watch could bridge. */
  onList?(): void;
  /** Called when the API server accepts a watch: the first one, and one for each that ended. */
  onWatch?(): void;
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
const BACKOFF: BackoffOptions = { initialMs: 200, maxMs: 3_000 };
/** A watch that lived this long was healthy; one that ends sooner is retried with backoff. */
const HEALTHY_WATCH_MS = 1_000;

/** Ends when `signal` is aborted; throws errors that are not transient unless `retryAll` is set. */
export async function* listAndWatch<T extends KubeObject>(
  transport: KubeTransport,
  options: ListWatchOptions,
): AsyncGenerator<ListWatchEvent<T>> {
  const state: WatchState = { resourceVersion: undefined, backoff: new Backoff(options.backoff ?? BACKOFF) };
  while (!options.signal.aborted) {
    try {
      if (state.resourceVersion === undefined) yield await list<T>(transport, options, state);
      yield* watchOnce<T>(transport, options, state);
    } catch (error) {
      if (error instanceof AbortedError && options.signal.aborted) return;
      await recover(error, options, state);
    }
  }
}

interface WatchState {
  /** The next watch starts here; undefined: list first. */
  resourceVersion: string | undefined;
  readonly backoff: Backoff;
}

async function list<T extends KubeObject>(transport: KubeTransport, options: ListWatchOptions, state: WatchState) {
  const { path, query = {}, signal, pageSize, transform } = options;
  const listed = await listAll<T>(transport, { path, query, signal, pageSize, transform });
  options.observer?.onList?.();
  state.resourceVersion = listed.resourceVersion;
  return { type: 'LISTED' as const, ...listed };
}

async function* watchOnce<T extends KubeObject>(
  transport: KubeTransport,
  options: ListWatchOptions,
  state: WatchState,
): AsyncGenerator<ListWatchEvent<T>> {
  const request = watchRequest(options, state);
  let openedAt = Number.POSITIVE_INFINITY;
  const isHealthy = () => performance.now() - openedAt >= HEALTHY_WATCH_MS;
  const onOpen = () => {
    openedAt = performance.now();
    options.observer?.onWatch?.();
  };
  // The API server, once restored from a backup, accepts a resourceVersion that it has yet to reach, and is silent until then.
  const onSilence = () => {
    state.resourceVersion = undefined;
  };
  try {
    for await (const event of watchEvents<T>(transport, { ...request, onOpen, onSilence })) {
      state.resourceVersion = event.object.metadata.resourceVersion ?? state.resourceVersion;
      if (event.type === 'BOOKMARK') continue;
      yield { type: event.type, object: options.transform?.(event.object) ?? event.object };
    }
  } finally {
    if (isHealthy()) state.backoff.reset();
  }
  if (!isHealthy()) await sleep(state.backoff.next(), options.signal);
}

function watchRequest(options: ListWatchOptions, { resourceVersion = '' }: WatchState) {
  const { path, query = {}, signal, idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const { min, max } = WATCH_SECONDS;
  const timeoutSeconds = Math.round(min + Math.random() * (max - min));
  return { path, query, resourceVersion, signal, idleTimeoutMs, timeoutSeconds };
}

async function recover(error: unknown, options: ListWatchOptions, state: WatchState): Promise<void> {
  if (error instanceof GoneError) state.resourceVersion = undefined;
  else if (!isTransient(error) && !options.retryAll) throw error;
  const delayMs = state.backoff.next(retryAfterMsOf(error));
  options.observer?.onRetry?.(error as Error, delayMs);
  try {
    await sleep(delayMs, options.signal);
  } catch (interruption) {
    if (!(interruption instanceof AbortedError)) throw interruption;
  }
}
