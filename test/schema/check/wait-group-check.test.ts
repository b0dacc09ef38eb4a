// The check is generated from the schema: docs/decisions/0018.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isWaitGroup, WaitGroup } from '@konductor/schema';
import { Value } from 'typebox/value';
import { expect, it } from 'vitest';
import { waitGroupCheckSource } from '../../../scripts/generated/wait-group-check-source.ts';
import { root } from '../../../scripts/root.ts';
import { buildStatus, buildWaitGroup, CREATED } from '../wait-groups.ts';

const record = { id: 'op-1', delta: 1, by: 'worker-1', at: CREATED };
const whole = {
  ...buildWaitGroup({
    metadata: { finalizers: ['a'], labels: { app: 'batch' }, annotations: {} },
    spec: { ttl: '1h', initialCount: 1 },
    status: buildStatus({ completedAt: CREATED, recentOperations: [record], observedGeneration: 1 }),
  }),
  extra: true,
};

it('is the one that npm run synth writes', () => {
  expect(readFileSync(join(root, 'schema/src/check/wait-group-check.ts'), 'utf8')).toBe(waitGroupCheckSource());
});

it('takes and refuses the same as the schema', () => {
  const verdicts = mutants(whole).map(([what, object]) => [what, isWaitGroup(object)]);
  expect(verdicts).toEqual(mutants(whole).map(([what, object]) => [what, Value.Check(WaitGroup, object)]));
  expect(verdicts.filter(([, taken]) => !taken).length).toBeGreaterThan(100);
});

it.each([
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['\u{1F600}'.repeat(128), true],
  ['\u{1F600}'.repeat(129), false],
  ['\ud83d'.repeat(128), true],
  ['\ud83d'.repeat(129), false],
])('counts the characters of a text as the schema does: %j', (id, isTaken) => {
  const group = buildWaitGroup({ status: buildStatus({ recentOperations: [{ ...record, id }] }) });
  expect(isWaitGroup(group)).toBe(isTaken);
  expect(Value.Check(WaitGroup, group)).toBe(isTaken);
});

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
