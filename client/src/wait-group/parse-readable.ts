// Keeps the objects of a list that can be read as WaitGroups. Others may come from a newer CRD, or be older than its rules.
import { InvalidWaitGroupError, parseWaitGroup, type WaitGroup } from '@konductor/schema';
import type { WaitGroupReference } from './wait-group-errors.ts';

/** Called with each object that is left out. */
export type OnUnreadable = (error: InvalidWaitGroupError, group: WaitGroupReference) => void;

/** Without `onUnreadable`, throws at the first object that cannot be read. */
export function parseReadable(objects: readonly WaitGroup[], onUnreadable: OnUnreadable | undefined): WaitGroup[] {
  return objects.filter((object) => {
    try {
      return parseWaitGroup(object);
    } catch (error) {
      if (!onUnreadable || !(error instanceof InvalidWaitGroupError)) throw error;
      const { namespace = '', name } = object.metadata;
      onUnreadable(error, { namespace, name });
      return false;
    }
  });
}
