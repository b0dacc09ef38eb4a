// Visits every state that a model can reach, breadth first, so that the steps to a violation are the fewest possible.

export interface Step<State> {
  readonly name: string;
  readonly state: State;
}

export interface Model<State> {
  readonly start: State;
  /** Everything that can happen next, in any order. */
  steps(state: State): Iterable<Step<State>>;
  /** Equal for states that are the same. */
  key(state: State): string;
  /** What is wrong with the state; `isQuiet`: nothing more can happen. */
  violation(state: State, isQuiet: boolean): string | undefined;
}

export interface Found {
  readonly states: number;
  /** What is wrong, and the steps that lead there; absent if nothing is. */
  readonly violation?: string;
  readonly steps?: readonly string[];
}

interface Visit<State> {
  readonly state: State;
  readonly name: string;
  readonly from?: Visit<State>;
}

export function search<State>(model: Model<State>): Found {
  const seen = new Set([model.key(model.start)]);
  const visits: Visit<State>[] = [{ state: model.start, name: 'start' }];
  for (const visit of visits) {
    const next = [...model.steps(visit.state)];
    const violation = model.violation(visit.state, next.length === 0);
    if (violation !== undefined) return { states: seen.size, violation, steps: stepsTo(visit) };
    for (const { name, state } of next) {
      const key = model.key(state);
      if (seen.has(key)) continue;
      seen.add(key);
      visits.push({ state, name, from: visit });
    }
  }
  return { states: seen.size };
}

function stepsTo<State>(visit: Visit<State>): string[] {
  return visit.from ? [...stepsTo(visit.from), visit.name] : [];
}

const texts = new Map<string, number>();
const known = new WeakMap<object, number>();

/** A number that is the same for equal values, which must not change. */
export function idOf(value: object): number {
  const found = known.get(value);
  if (found !== undefined) return found;
  const text = JSON.stringify(value);
  const id = texts.get(text) ?? texts.size;
  texts.set(text, id);
  known.set(value, id);
  return id;
}
