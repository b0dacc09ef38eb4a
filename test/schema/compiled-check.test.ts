// After the first few groups the check is compiled: docs/decisions/0017.
import { parseWaitGroup, WaitGroup } from '@konductor/schema';
import { Value } from 'typebox/value';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, CREATED } from './wait-groups.ts';

const record = { id: 'op-1', delta: 1, by: 'worker-1', at: CREATED };
const whole = {
  ...buildWaitGroup({
    metadata: { finalizers: ['a'], labels: { app: 'batch' }, annotations: {} },
    spec: { ttl: '1h', initialCount: 1 },
    status: buildStatus({ completedAt: CREATED, recentOperations: [record], observedGeneration: 1 }),
  }),
  extra: true,
};

it('takes and refuses the same as the schema, once it is compiled', () => {
  for (let n = 0; n < 100; n++) parseWaitGroup(whole);
  const verdicts = mutants(whole).map(([what, object]) => [what, isTaken(object)]);
  expect(verdicts).toEqual(mutants(whole).map(([what, object]) => [what, Value.Check(WaitGroup, object)]));
  expect(verdicts.filter(([, taken]) => !taken).length).toBeGreaterThan(100);
});

function isTaken(object: unknown): boolean {
  try {
    parseWaitGroup(object);
    return true;
  } catch {
    return false;
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
