import { compareRevisions } from '@konductor/schema';
import { expect, it } from 'vitest';

it.each([
  ['0', '1'],
  ['9', '10'],
  ['99', '100'],
  ['9007199254740992', '9007199254740993'],
  ['18446744073709551614', '18446744073709551615'],
])('the revision %s is older than %s', (older, newer) => {
  expect(compareRevisions(older, newer)).toBeLessThan(0);
  expect(compareRevisions(newer, older)).toBeGreaterThan(0);
  expect(compareRevisions(newer, newer)).toBe(0);
});
