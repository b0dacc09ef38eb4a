// Groups among objects that may be none: a newer CRD's, or written before this one guarded them.
import { InvalidWaitGroupError, parseWaitGroup, type WaitGroup } from '@konductor/schema';
import type { WaitGroupReference } from './wait-group-errors.ts';

/** Told of an object that is left out. */
export type OnUnreadable = (error: InvalidWaitGroupError, group: WaitGroupReference) => void;

/** Throws at the first that is no WaitGroup when nobody is to be told of it. */
export function parseReadable(objects: readonly WaitGroup[], onUnreadable: OnUnreadable | undefined): WaitGroup[] {
  return objects.flatMap((object) => {
    try {
      return [parseWaitGroup(object)];
    } catch (error) {
      if (!onUnreadable || !(error instanceof InvalidWaitGroupError)) throw error;
      const { namespace = '', name } = object.metadata;
      onUnreadable(error, { namespace, name });
      return [];
    }
  });
}
