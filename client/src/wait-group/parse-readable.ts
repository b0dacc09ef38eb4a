// Groups among objects that may be none: a newer CRD's, or written before this one guarded them.
import { InvalidWaitGroupError, isWaitGroup, parseWaitGroup, type WaitGroup } from '@konductor/schema';
import type { WaitGroupReference } from './wait-group-errors.ts';

/** Told of an object that is left out. */
export type OnUnreadable = (error: InvalidWaitGroupError, group: WaitGroupReference) => void;

/** Rejects at the first that is no WaitGroup when nobody is to be told of it. */
export async function parseReadable(
  objects: readonly WaitGroup[],
  onUnreadable: OnUnreadable | undefined,
): Promise<WaitGroup[]> {
  const groups: WaitGroup[] = [];
  for (const object of objects) {
    // A list may be long, and nearly always all of it can be read.
    if (isWaitGroup(object)) groups.push(object);
    else await refuse(object, onUnreadable);
  }
  return groups;
}

async function refuse(object: WaitGroup, onUnreadable: OnUnreadable | undefined): Promise<void> {
  try {
    await parseWaitGroup(object);
  } catch (error) {
    if (!onUnreadable || !(error instanceof InvalidWaitGroupError)) throw error;
    const { namespace = '', name } = object.metadata;
    onUnreadable(error, { namespace, name });
  }
}
