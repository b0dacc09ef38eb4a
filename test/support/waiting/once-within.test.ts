import { expect, it } from 'vitest';
import { expectOnceWithin } from './once-within.ts';

/** Takes these times, one after the other. */
function measuring(...times: number[]) {
  let runs = 0;
  return { measure: async () => times[runs++] ?? Number.NaN, runs: () => runs };
}

it('is content with the first run that keeps the limit', async () => {
  const { measure, runs } = measuring(1_200, 900, 100);
  await expectOnceWithin(1_000, measure);
  expect(runs()).toBe(2);
});

it('fails when five runs are late, and reports their times', async () => {
  const { measure, runs } = measuring(1_400, 1_300, 1_000, 1_200, 1_100, 1);
  await expect(expectOnceWithin(1_000, measure)).rejects.toThrow('of 1400, 1300, 1000, 1200, 1100 ms');
  expect(runs()).toBe(5);
});
