// Tells how far back a group's recent operations reach, and searches for a state whose recent operations reach back to an
// earlier one.
import { currentStatus, isRecorded, MAX_RECENT_OPERATIONS, type WaitGroup } from '@konductor/schema';
import { GoneError } from '../../core/errors.ts';

/** Returns the group at a resourceVersion that need not be one of its own; GoneError if that is no longer kept. */
type ReadAt = (resourceVersion: string) => Promise<WaitGroup | undefined>;

/** Whether every change since `base` is still among the recent operations of `now`. */
export function reachesBackTo(base: WaitGroup, now: WaitGroup): boolean {
  const newest = newestId(base);
  if (newest !== undefined) return isRecorded(now, newest);
  return (currentStatus(now).recentOperations?.length ?? 0) < MAX_RECENT_OPERATIONS;
}

export function newestId(group: WaitGroup): string | undefined {
  return currentStatus(group).recentOperations?.[0]?.id;
}

/**
 * A state after `base` and before `now` that reaches back to `base`, found by halving the revisions between the two;
 * undefined when those changes are no longer kept. resourceVersions of one resource are ordered integers:
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/5504-comparable-resource-version
 */
export async function stateReachingBackTo(
  base: WaitGroup,
  now: WaitGroup,
  readAt: ReadAt,
): Promise<WaitGroup | undefined> {
  // At `low` the group is as `base`, or no longer known; after `high` it no longer reaches back.
  let low = revisionOf(base);
  let high = revisionOf(now) - 1n;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    const state = await stateAt(middle, readAt);
    if (!state || revisionOf(state) === revisionOf(base)) low = middle;
    else if (reachesBackTo(base, state)) return state;
    else high = revisionOf(state) - 1n;
  }
  return undefined;
}

async function stateAt(revision: bigint, readAt: ReadAt): Promise<WaitGroup | undefined> {
  try {
    return await readAt(String(revision));
  } catch (error) {
    if (error instanceof GoneError) return undefined;
    throw error;
  }
}

function revisionOf({ metadata }: WaitGroup): bigint {
  return BigInt(String(metadata.resourceVersion));
}
