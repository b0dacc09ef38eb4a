// Settles a write whose outcome is not known. It was conditional on its base, so the first change after the base decides: the
// write's own record is the newest there, or the write can never take effect. The watch shows that change; where it cannot,
// the group's history does.
import { isRecorded, type WaitGroup } from '@konductor/schema';
import { ForbiddenError, GoneError } from '../../core/errors.ts';
import { unknownOutcomeError } from '../retry.ts';
import type { WaitGroupApi } from '../wait-group-api.ts';
import type { WaitGroupReference } from '../wait-group-errors.ts';
import { newestId, reachesBackTo, stateReachingBackTo } from './history.ts';

/** The requests that settling is made of; a unit test scripts them. */
export type SettlingApi = Pick<WaitGroupApi, 'get' | 'getAt' | 'firstChangeAfter'>;

export interface OpenWrite {
  readonly api: SettlingApi;
  readonly group: WaitGroupReference;
  /** The object that the write was conditional on. */
  readonly base: WaitGroup;
  /** The operation's id. */
  readonly id: string;
  readonly signal: AbortSignal;
  /** Repeats a request that fails temporarily; throws any other failure. */
  readonly insist: <T>(send: () => Promise<T>) => Promise<T>;
}

/** The group right after the write if it landed, undefined if it never will. Throws UnknownOutcomeError if nothing decides it. */
export async function settleOpen(open: OpenWrite): Promise<WaitGroup | undefined> {
  const { api, base, id, signal, insist } = open;
  try {
    const changed = await insist(() => api.firstChangeAfter(base, { signal }));
    return newestId(changed) === id ? changed : undefined;
  } catch (error) {
    if (error instanceof GoneError || error instanceof ForbiddenError) return settleByHistory(open);
    throw error;
  }
}

/**
 * Settles a write that was rejected, with the group as it is now. When others may have pushed its record off the list, the
 * watch or the history decides. For an account that may neither watch nor list, the rejection is final: only a proxy that
 * sends a landed write again can disprove it.
 */
export async function settleRejected(rejected: OpenWrite, now: WaitGroup): Promise<WaitGroup | undefined> {
  if (reachesBackTo(rejected.base, now)) return undefined;
  try {
    return await settleOpen(rejected);
  } catch (error) {
    if (error instanceof ForbiddenError) return undefined;
    throw error;
  }
}

/** A state of the group decides whose recent operations reach back to the base: the present one, or one before. */
async function settleByHistory({ api, group, base, id, signal, insist }: OpenWrite): Promise<WaitGroup | undefined> {
  const now = await insist(() => api.get(group.namespace, group.name, { signal }));
  if (now.metadata.uid !== base.metadata.uid) throw unknownOutcomeError(group, 'the group was deleted and recreated');
  if (isRecorded(now, id)) return now;
  if (reachesBackTo(base, now)) return undefined;
  const readAt = (resourceVersion: string) => insist(() => api.getAt(group, resourceVersion, { signal }));
  const state = await stateReachingBackTo(base, now, readAt);
  if (!state) throw unknownOutcomeError(group, 'too many other changes came after it');
  return isRecorded(state, id) ? state : undefined;
}
