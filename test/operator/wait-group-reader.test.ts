import { readWaitGroup } from '@konductor/operator';
import { parseWaitGroup } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, CREATED } from '../schema/wait-groups.ts';

const record = { id: 'op-1', delta: 1, by: 'worker-1', at: CREATED };
const whole = {
  ...buildWaitGroup({
    metadata: { finalizers: ['a'], labels: { app: 'batch' }, annotations: {} },
    spec: { ttl: '1h', initialCount: 1 },
    status: buildStatus({ completedAt: CREATED, recentOperations: [record], observedGeneration: 1 }),
  }),
  extra: true,
};

it('gives a group back, the same object', () => {
  expect(readWaitGroup(whole)).toBe(whole);
});

it('takes and refuses what parseWaitGroup does, in the same words', () => {
  const verdictsBy = (read: (object: unknown) => unknown) =>
    mutants(whole).map(([what, object]) => `${what}: ${verdictOf(read, object)}`);
  const verdicts = verdictsBy(readWaitGroup);
  expect(verdicts).toEqual(verdictsBy(parseWaitGroup));
  expect(verdicts.filter((verdict) => verdict.includes('InvalidWaitGroupError')).length).toBeGreaterThan(100);
});

function verdictOf(read: (object: unknown) => unknown, object: unknown): string {
  try {
    read(object);
    return 'taken';
  } catch (error) {
    return String(error);
  }
}

/** The object with each of its fields, in turn, left out and replaced by what may not be there. */
function mutants(object: object): [what: string, mutant: unknown][] {
  return Object.entries(object).flatMap(([key, value]) => {
    const replaced = [undefined, null, -1, 1.5, 2 ** 53, '', 'x', '2026-13-01T00:00:00Z', {}, [], [{}]].map(
      (other): [string, unknown] => [`${key}: ${JSON.stringify(other)}`, { ...object, [key]: other }],
    );
    const { [key as never]: _, ...left } = object;
    const within = typeof value === 'object' && value !== null ? mutants(value) : [];
    const rebuilt = within.map(([what, inner]): [string, unknown] => [
      `${key}.${what}`,
      { ...object, [key]: Array.isArray(value) ? Object.values(inner as object) : inner },
    ]);
    return [[`without ${key}`, left], ...replaced, ...rebuilt];
  });
}
