import { applyOperation, currentStatus, deltaTo, initialStatus, MAX_COUNTER, type WaitGroup } from '@konductor/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildOperation, buildWaitGroup, deepFreeze, NOW } from '../wait-groups.ts';

/** Small ones that meet zero often, and some at the edges of int32. */
const delta = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -5, max: 5 }) },
  { weight: 1, arbitrary: fc.constantFrom(MAX_COUNTER, -MAX_COUNTER, MAX_COUNTER - 2, 0.5, Number.NaN) },
);
const history = fc.record({ initialCount: fc.nat({ max: 3 }), batches: fc.array(fc.array(delta, { maxLength: 6 })) });

interface Played {
  readonly group: WaitGroup;
  /** Every status that was written, from the initial one on. */
  readonly states: readonly Required<Pick<ReturnType<typeof currentStatus>, 'counter' | 'phase'>>[];
  readonly accepted: readonly number[];
}

/** Applies the batches as clients would, one write for each. */
function play({ initialCount, batches }: { initialCount: number; batches: readonly (readonly number[])[] }): Played {
  let group = deepFreeze(buildWaitGroup({ spec: { initialCount } }));
  const states = [initialStatus(group)];
  const accepted: number[] = [];
  for (const deltas of batches) {
    const { status = currentStatus(group), steps } = applyOperation(group, buildOperation(...deltas), NOW);
    accepted.push(...deltas.filter((_, index) => steps[index]?.ok));
    group = deepFreeze({ ...group, status });
    states.push(status);
  }
  return { group, states, accepted };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
const always = (check: (played: Played, input: { initialCount: number; batches: number[][] }) => void) =>
  fc.assert(fc.property(history, (input) => check(play(input), input)));

describe('after any history', () => {
  it('the counter is the sum of what was accepted', () => {
    always(({ group, accepted }, { initialCount }) => {
      expect(currentStatus(group).counter).toBe(initialCount + sum(accepted));
    });
  });

  it('added is the sum of all that raised the counter', () => {
    always(({ group, accepted }, { initialCount }) => {
      expect(currentStatus(group).added).toBe(initialCount + sum(accepted.filter((number) => number > 0)));
    });
  });

  it('completions is the number of falls to zero', () => {
    always(({ group, accepted }, { initialCount }) => {
      let counter = initialCount;
      let falls = 0;
      for (const number of accepted) {
        counter += number;
        if (counter === 0 && number !== 0) falls++;
      }
      expect(currentStatus(group).completions).toBe(falls);
    });
  });

  it('a call is accepted exactly when it is whole and keeps the counter within int32', () => {
    always((_played, { initialCount, batches }) => {
      let counter = initialCount;
      const { steps } = applyOperation(
        buildWaitGroup({ spec: { initialCount } }),
        buildOperation(...batches.flat()),
        NOW,
      );
      for (const [index, number] of batches.flat().entries()) {
        const fits = Number.isInteger(number) && counter + number >= 0 && counter + number <= MAX_COUNTER;
        expect(steps[index]?.ok).toBe(fits);
        if (fits) counter += number;
      }
    });
  });
});

describe('in every state of any history', () => {
  it('phase and the Done condition match the counter', () => {
    always(({ group, states }) => {
      for (const { counter, phase } of states) expect(phase).toBe(counter === 0 ? 'Done' : 'Waiting');
      const { counter, conditions } = currentStatus(group);
      expect(conditions).toMatchObject([{ type: 'Done', status: counter === 0 ? 'True' : 'False' }]);
    });
  });

  it.each(['added', 'completions', 'addedAtCompletion'] as const)('%s has not fallen', (total) => {
    always(({ states }) => {
      const totals = states.map((state) => (state as Record<string, unknown>)[total]);
      expect(totals).toEqual(totals.toSorted((a, b) => Number(a) - Number(b)));
    });
  });
});

it('a repair takes any counter to any other, and leaves what adding or finishing the difference would', () => {
  const counter = fc.oneof(fc.nat({ max: 5 }), fc.constant(MAX_COUNTER));
  fc.assert(
    fc.property(history, counter, (input, target) => {
      const { group } = play(input);
      const before = currentStatus(group);
      const { status: after = before } = applyOperation(group, buildOperation(deltaTo(group, target)), NOW);
      expect(after).toMatchObject({ counter: target, phase: target === 0 ? 'Done' : 'Waiting' });
      expect((after.added ?? 0) - (before.added ?? 0)).toBe(Math.max(target - before.counter, 0));
      const isCompletion = target === 0 && before.counter > 0;
      expect((after.completions ?? 0) - (before.completions ?? 0)).toBe(isCompletion ? 1 : 0);
    }),
  );
});

it('a batch leaves what its calls would leave one by one, but for the records', () => {
  always((_played, { initialCount, batches }) => {
    const calls = batches.flat();
    const together = play({ initialCount, batches: [calls] });
    const apart = play({ initialCount, batches: calls.map((call) => [call]) });
    const { recentOperations: _one, ...batched } = currentStatus(together.group);
    const { recentOperations: _many, ...single } = currentStatus(apart.group);
    expect(batched).toEqual(single);
    expect(together.accepted).toEqual(apart.accepted);
  });
});
