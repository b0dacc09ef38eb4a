// The one way to set a condition.
import type { Condition } from '../shape/condition.ts';

/** The conditions with `next` in its place; `lastTransitionTime` moves only when the status does. */
export function setCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const previous = conditions.find(({ type }) => type === next.type);
  if (!previous) return [...conditions, next];
  const { lastTransitionTime } = previous.status === next.status ? previous : next;
  return conditions.map((condition) => (condition === previous ? { ...next, lastTransitionTime } : condition));
}
