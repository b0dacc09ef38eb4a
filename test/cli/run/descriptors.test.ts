import { describe, expect, it } from 'vitest';
import { sortByLimit } from '../../../cli/src/run/descriptors.ts';

const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             100                  200                  processes
Max open files            ${soft.padEnd(20)} 1048576              files
`;

describe('sortByLimit', () => {
  it.each([
    ['1024', [3, 1023], [1024, 2000]],
    ['3', [], [3, 1023, 1024, 2000]],
    ['unlimited', [3, 1023, 1024, 2000], []],
  ])('passes on what is below a limit of %s', (soft, passedOn, beyondLimit) => {
    expect(sortByLimit([3, 1023, 1024, 2000], limits(soft))).toEqual({ passedOn, beyondLimit });
  });
});
