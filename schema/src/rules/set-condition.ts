// Sets a condition in a list of conditions.
import type { Condition } from '../shape/condition.ts';

/** Returns the conditions with `next` instead of the one of its type; `lastTransitionTime` changes only with the status. */
export function setCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const previous = conditions.find(({ type }) => type === next.type);
  if (!previous) return [...conditions, next];
  const { lastTransitionTime } = previous.status === next.status ? previous : next;
  return conditions.map((condition) => (condition === previous ? { ...next, lastTransitionTime } : condition));
}
