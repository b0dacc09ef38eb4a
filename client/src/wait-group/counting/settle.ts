// Settles a write whose answer was lost. It was conditional on its base, so the first change after the base decides: the
// write's own record is the newest there, or it can never take effect any more. The watch shows that change; where it
// cannot, the group's history does.
import { isRecorded, type WaitGroup } from '@konductor/schema';
import { ForbiddenError, GoneError, NotFoundError, UnavailableError } from '../../core/errors.ts';
import { type WatchEvent, watchEvents } from '../../kubernetes/watch.ts';
import { type WaitGroupApi, waitGroupsPath } from '../wait-group-api.ts';
import { UnknownOutcomeError, type WaitGroupReference } from '../wait-group-errors.ts';
import { newestId, reachesBackTo, stateReachingBackTo } from './history.ts';

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
      if (error instanceof GoneError || error instanceof ForbiddenError) return settleByHistory(api, open, pause);
      await pause(error);
    }
  }
}

/**
 * The same for a write that was refused, with the group as it is now. When others may have pushed its record off the list, the
 * watch or the history tells. For an account that may neither watch nor list, the refusal is believed: only a proxy that
 * sends a landed write again can disprove it.
 */
export async function settleRefused(
  api: WaitGroupApi,
  refused: OpenWrite,
  now: WaitGroup,
  pause: (error: unknown) => Promise<void>,
): Promise<WaitGroup | undefined> {
  if (reachesBackTo(refused.base, now)) return undefined;
  try {
    return await settleByWatch(api, refused, pause);
  } catch (error) {
    if (error instanceof ForbiddenError) return undefined;
    throw error;
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

/** A state of the group decides whose list of recent operations reaches back to the base: the present one, or one before. */
async function settleByHistory(
  api: WaitGroupApi,
  open: OpenWrite,
  pause: (error: unknown) => Promise<void>,
): Promise<WaitGroup | undefined> {
  const { group, base, id, signal } = open;
  const insist = async <T>(send: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        if (error instanceof NotFoundError) throw unknownOutcome(group, 'the group is gone');
        await pause(error);
      }
    }
  };
  const now = await insist(() => api.get(group.namespace, group.name, { signal }));
  if (now.metadata.uid !== base.metadata.uid) throw unknownOutcome(group, 'the group was deleted and made anew');
  if (isRecorded(now, id)) return now;
  if (reachesBackTo(base, now)) return undefined;
  const readAt = (resourceVersion: string) => insist(() => api.getAt(group, resourceVersion, { signal }));
  const state = await stateReachingBackTo(base, now, readAt);
  if (!state) throw unknownOutcome(group, 'too many other changes came after it');
  return isRecorded(state, id) ? state : undefined;
}

/** `reason`: why it cannot be known, in words or as the error that stood in the way. */
export function unknownOutcome(group: WaitGroupReference, reason: unknown): UnknownOutcomeError {
  const why = reason instanceof Error ? reason.message : String(reason);
  const message = `waitgroup "${group.name}": a change was sent and its answer lost; whether it was counted is unknown: ${why}`;
  return new UnknownOutcomeError(group, message, reason instanceof Error ? { cause: reason } : {});
}
