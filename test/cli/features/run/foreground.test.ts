import { expect, it } from 'vitest';
import { isForegroundOf } from '../../../../cli/src/features/run/foreground.ts';

it.each([
  ['4 (koncli) S 1 4 1 34816 4 4194304', true],
  ['4 (koncli) S 1 4 1 34816 9 4194304', false],
  ['4 (koncli) S 1 4 1 0 -1 4194304', false],
  ['4 (a) S 9 9 (b) S 1 4 1 34816 4 4194304', true],
])('reads from "%s" whether the process is in the foreground: %s', (stat, expected) => {
  expect(isForegroundOf(stat)).toBe(expected);
});
