// Takes what was read for a WaitGroup, or says why it is none.
import type { WaitGroup } from '../shape/wait-group.ts';
import { isWaitGroup } from './wait-group-check.ts';

/** Thrown for an object that is no WaitGroup: the cluster's CRD and this program disagree. */
export class InvalidWaitGroupError extends Error {
  override readonly name = 'InvalidWaitGroupError';
}

/** The same object, typed; rejects with {@link InvalidWaitGroupError} naming the first field that is wrong. */
export async function parseWaitGroup(object: unknown): Promise<WaitGroup> {
  if (isWaitGroup(object)) return object;
  const { explainInvalid } = await import('../shape/explanation.ts');
  throw new InvalidWaitGroupError(explainInvalid(object));
}
