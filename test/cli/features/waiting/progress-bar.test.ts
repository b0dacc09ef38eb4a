import { describe, expect, it } from 'vitest';
import { type BarOptions, type GroupProgress, renderBar } from '../../../../cli/src/features/waiting/progress-bar.ts';

type Groups = Readonly<Record<string, GroupProgress | undefined>>;
const draw = (groups: Groups, options: Partial<BarOptions> = {}) =>
  renderBar(new Map(Object.entries(groups)), { elapsed: '12s', columns: 100, ...options });

describe('renderBar', () => {
  it.each<[string, GroupProgress, string]>([
    ['nothing is done', { counter: 10, added: 10 }, '░░░░░░░░░░░░░░░░░░░░ batch 0 of 10 done, counter 10, 12s'],
    ['a part is done', { counter: 3, added: 10 }, '██████████████░░░░░░ batch 7 of 10 done, counter 3, 12s'],
    [
      'all but one of many is',
      { counter: 1, added: 9999 },
      '███████████████████░ batch 9998 of 9999 done, counter 1, 12s',
    ],
    [
      'work has failed',
      { counter: 5, added: 10, isFailed: true },
      '██████████░░░░░░░░░░ batch 5 of 10 done, counter 5, failed, 12s',
    ],
    ['all is done', { counter: 0, added: 10 }, '████████████████████ batch 10 of 10 done, counter 0, 12s'],
    ['nothing was added yet', { counter: 0, added: 0 }, '░░░░░░░░░░░░░░░░░░░░ batch 0 of 0 done, counter 0, 12s'],
    ['the counter was set by hand', { counter: 4, added: 1 }, '░░░░░░░░░░░░░░░░░░░░ batch 0 of 4 done, counter 4, 12s'],
  ])('shows when %s', (_, group, line) => {
    expect(draw({ batch: group })).toBe(line);
  });

  it('shows that the WaitGroup has not been created yet', () => {
    expect(draw({ batch: undefined })).toBe('░░░░░░░░░░░░░░░░░░░░ batch not yet created, 12s');
  });

  it('adds up several WaitGroups', () => {
    const groups = { a: { counter: 1, added: 2 }, b: { counter: 1, added: 6, isFailed: true }, c: undefined };
    expect(draw(groups)).toBe(
      '███████████████░░░░░ 3 waitgroups 6 of 8 done, counter 2, 1 failed, 1 not yet created, 12s',
    );
  });

  it.each([30, 10, 1, 0])('stays shorter than %d columns', (columns) => {
    const line = draw({ batch: { counter: 3, added: 10 } }, { columns });
    expect(line).toHaveLength(Math.max(columns - 1, 0));
  });
});
