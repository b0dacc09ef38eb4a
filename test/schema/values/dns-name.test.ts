import { isDnsLabel, isDnsSubdomain } from '@konductor/schema';
import { expect, it } from 'vitest';

it.each([
  ['a', true, true],
  ['batch-jobs-2', true, true],
  ['2', true, true],
  ['a'.repeat(63), true, true],
  ['a'.repeat(64), false, true],
  ['a.b-c.d', false, true],
  ['a'.repeat(253), false, true],
  ['a'.repeat(254), false, false],
  ['', false, false],
  ['A', false, false],
  ['-a', false, false],
  ['a-', false, false],
  ['a..b', false, false],
  ['.a', false, false],
  ['a_b', false, false],
  ['a\n', false, false],
])('takes %j for a DNS label: %s, for a DNS subdomain: %s', (text, isLabel, isSubdomain) => {
  expect([isDnsLabel(text), isDnsSubdomain(text)]).toEqual([isLabel, isSubdomain]);
});
