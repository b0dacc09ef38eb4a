// Sets a condition in a list of conditions.
import type { Condition } from '../shape/condition.ts';
import { MAX_CONDITIONS } from '../values/limits.ts';

/**
 * Returns the conditions with `next` instead of the one of its type; `lastTransitionTime` changes only with the status. A
 * list that is full of other types loses the last of them.
 */
export function setCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const previous = conditions.find(({ type }) => type === next.type);
  if (!previous) return [...conditions.slice(0, MAX_CONDITIONS - 1), next];
  const { lastTransitionTime } = previous.status === next.status ? previous : next;
  return conditions.map((condition) => (condition === previous ? { ...next, lastTransitionTime } : condition));
}
