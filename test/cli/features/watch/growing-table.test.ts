import { describe, expect, it } from 'vitest';
import { GrowingTable } from '../../../../cli/src/features/watch/growing-table.ts';
import { buildStatus, buildWaitGroup, NOW } from '../../../schema/wait-groups.ts';

const later = new Date(NOW.getTime() + 60_000);
const group = (name: string, counter: number, completedAt?: string) =>
  buildWaitGroup({
    metadata: { name, uid: name },
    status: buildStatus({ counter, added: 5, ...(completedAt && { completedAt }) }),
  });

describe('GrowingTable', () => {
  it('begins with the header and widens its columns when needed', () => {
    const table = new GrowingTable({ isWide: false });
    expect(table.lines([], NOW)).toEqual([]);
    expect(table.lines([group('batch', 3)], NOW)).toEqual([
      'NAME    COUNTER   PHASE     ADDED   TTL      AGE',
      'batch   3         Waiting   5       <none>   55m',
    ]);
    expect(table.lines([group('a-longer-name', 2)], later)).toEqual([
      'a-longer-name   2         Waiting   5       <none>   56m',
    ]);
    expect(table.lines([group('batch', 0)], later)).toEqual([
      'batch           0         Done      5       <none>   56m',
    ]);
  });

  it('shows a WaitGroup again only when more than its age has changed', () => {
    const table = new GrowingTable({ isWide: true });
    table.lines([group('batch', 0)], NOW);
    expect(table.lines([group('batch', 0)], later)).toEqual([]);
    expect(table.lines([group('batch', 0, '2026-01-02T03:58:00.678Z')], later)).toEqual([
      expect.stringMatching(/^batch .* 3m +56m$/),
    ]);
  });
});
