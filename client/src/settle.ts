// Settles a write whose answer was lost. It was conditional on its base, so the first change after the base decides: the
// write's own record is the newest there, or it can never take effect any more.
import { isRecorded, MAX_RECENT_OPERATIONS, type WaitGroup } from '@konductor/schema';
import { ForbiddenError, GoneError, NotFoundError, UnavailableError } from './errors.ts';
import { type WaitGroupApi, waitGroupsPath } from './wait-group-api.ts';
import { UnknownOutcomeError, type WaitGroupReference } from './wait-group-errors.ts';
import { type WatchEvent, watchEvents } from './watch.ts';

export interface OpenWrite {
  readonly group: WaitGroupReference;
  /** The object that the write was conditional on. */
  readonly base: WaitGroup;
  /** The operation's id. */
  readonly id: string;
  readonly signal: AbortSignal;
}

/** The first change follows its base at once; a watch that shows none for this long is opened anew. */
const WATCH_SECONDS = 30;

/**
 * The group right after the write when it was counted, undefined when it never will be. `pause` is called with each
 * passing failure. Throws UnknownOutcomeError when nothing that can be read decides it.
 */
export async function settleByWatch(
  api: WaitGroupApi,
  open: OpenWrite,
  pause: (error: unknown) => Promise<void>,
): Promise<WaitGroup | undefined> {
  for (;;) {
    try {
      const { type, object } = await firstEvent(api, open);
      return type !== 'DELETED' && newestId(object) === open.id ? object : undefined;
    } catch (error) {
      if (error instanceof GoneError || error instanceof ForbiddenError) return settleByList(api, open, pause, error);
      await pause(error);
    }
  }
}

async function firstEvent(api: WaitGroupApi, { group, base, signal }: OpenWrite): Promise<WatchEvent<WaitGroup>> {
  const events = watchEvents<WaitGroup>(api.transport, {
    path: waitGroupsPath(group.namespace),
    query: { fieldSelector: `metadata.name=${group.name}` },
    resourceVersion: base.metadata.resourceVersion ?? '',
    timeoutSeconds: WATCH_SECONDS,
    idleTimeoutMs: (WATCH_SECONDS + 5) * 1000,
    signal,
  });
  for await (const event of events) if (event.type !== 'BOOKMARK') return event;
  throw new UnavailableError('the watch ended without the change that a conflict told of', { mayHaveArrived: true });
}

/** The list of recent operations decides while it still reaches back to the base. `obstacle`: why the watch cannot. */
async function settleByList(
  api: WaitGroupApi,
  open: OpenWrite,
  pause: (error: unknown) => Promise<void>,
  obstacle: Error,
): Promise<WaitGroup | undefined> {
  for (;;) {
    try {
      const now = await api.get(open.group.namespace, open.group.name, { signal: open.signal });
      return decideByList(open, now, obstacle);
    } catch (error) {
      if (error instanceof NotFoundError) throw unknownOutcome(open.group, 'the group is gone');
      await pause(error);
    }
  }
}

function decideByList(open: OpenWrite, now: WaitGroup, obstacle: Error): WaitGroup | undefined {
  const { base, id } = open;
  if (now.metadata.uid !== base.metadata.uid) throw unknownOutcome(open.group, 'the group was deleted and made anew');
  if (isRecorded(now, id)) return now;
  if (reachesBackTo(base, now)) return undefined;
  throw unknownOutcome(open.group, 'too many other changes came after it', obstacle);
}

/** Whether every change since `base` is still among the recent operations of `now`. */
export function reachesBackTo(base: WaitGroup, now: WaitGroup): boolean {
  const newest = newestId(base);
  if (newest !== undefined) return isRecorded(now, newest);
  return (now.status?.recentOperations?.length ?? 0) < MAX_RECENT_OPERATIONS;
}

function newestId(group: WaitGroup): string | undefined {
  return group.status?.recentOperations?.[0]?.id;
}

/** `reason`: why it cannot be known, in words or as the error that stood in the way. */
export function unknownOutcome(group: WaitGroupReference, reason: unknown, cause = reason): UnknownOutcomeError {
  const why = reason instanceof Error ? reason.message : String(reason);
  const message = `waitgroup "${group.name}": a change was sent and its answer lost; whether it was counted is unknown: ${why}`;
  return new UnknownOutcomeError(group, message, cause instanceof Error ? { cause } : {});
}
