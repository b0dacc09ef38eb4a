// Sets a condition in a list of conditions.
import type { Condition } from '../shape/condition.ts';
import { MAX_CONDITIONS } from '../values/limits.ts';

/** The types that this project sets. */
const OWN: readonly string[] = ['Done', 'Failed', 'Stalled', 'Overrun'];

/**
 * Returns the conditions with `next` instead of the one of its type; `lastTransitionTime` changes only with the status. A
 * list that is full loses the last condition that is not ours.
 */
export function setCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const previous = conditions.find(({ type }) => type === next.type);
  if (!previous) return [...withRoom(conditions), next];
  const { lastTransitionTime } = previous.status === next.status ? previous : next;
  return conditions.map((condition) => (condition === previous ? { ...next, lastTransitionTime } : condition));
}

function withRoom(conditions: readonly Condition[]): readonly Condition[] {
  if (conditions.length < MAX_CONDITIONS) return conditions;
  const last = conditions.findLastIndex(({ type }) => !OWN.includes(type));
  return conditions.filter((_, index) => index !== last);
}
