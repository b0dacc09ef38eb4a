import { describe, expect, it } from 'vitest';
import { describeLostWork } from '../../../../cli/src/features/status/workers.ts';
import { buildStatus, buildWaitGroup } from '../../../schema/wait-groups.ts';

const [RUNNING, GONE, OTHER] = ['etl-7c9f8-x2k4d', 'etl-7c9f8-zzzzz', 'etl-7c9f8-bbbbb'];
const PODS = new Set([`jobs/${RUNNING}`, `elsewhere/${GONE}`]);
const groupWith = (...changes: readonly (readonly [by: string, delta: number])[]) =>
  buildWaitGroup({
    status: buildStatus({
      counter: 4,
      recentOperations: changes.map(([by, delta], index) => ({
        id: `${index}`,
        by,
        delta,
        at: '2026-01-02T03:58:00Z',
      })),
    }),
  });

describe('describeLostWork', () => {
  it.each([
    [[[GONE, 1]], `1 added by a pod that has ended or been deleted (${GONE})`],
    [
      [
        [GONE, 1],
        [RUNNING, 1],
        [OTHER, 1],
      ],
      `2 added by pods that have ended or been deleted (${GONE}, ${OTHER})`,
    ],
  ] as const)('names pods that have gone without marking their work done: %#', (changes, text) => {
    expect(describeLostWork(groupWith(...changes), PODS, 0)).toBe(text);
  });

  it('shows the first of many', () => {
    const changes = ['bbbbb', 'ccccc', 'ddddd', 'fffff'].map((end) => [`x-${end}`, 1] as const);
    expect(describeLostWork(groupWith(...changes), PODS, 0)).toBe(
      '4 added by pods that have ended or been deleted (x-bbbbb, x-ccccc, x-ddddd, …)',
    );
  });

  it.each([
    ['a pod that runs', [[RUNNING, 1]]],
    [
      'a pod that marked its work done',
      [
        [GONE, -1],
        [GONE, 1],
      ],
    ],
    ['a coordinator, which added the work of others', [[GONE, 10]]],
    ['a pod that only marked work done', [[GONE, -1]]],
    [
      'another machine',
      [
        ['laptop', 1],
        ['runner-1', 1],
      ],
    ],
  ] as const)('is silent about %s', (_, changes) => {
    expect(describeLostWork(groupWith(...changes), PODS, 3_600)).toBeUndefined();
  });

  it('reports a namespace where nothing runs, once pods had time to be created', () => {
    const elsewhere = new Set(['elsewhere/x']);
    expect(describeLostWork(groupWith(), elsewhere, 30)).toBe('no pod in namespace "jobs" is running or pending');
    expect(describeLostWork(groupWith(), elsewhere, 29)).toBeUndefined();
    expect(describeLostWork(groupWith(), PODS, 30)).toBeUndefined();
    expect(describeLostWork(groupWith(['laptop', 3]), elsewhere, 30)).toBeUndefined();
  });

  it('reports it also after pods have changed the counter, but not if another machine has', () => {
    const elsewhere = new Set(['elsewhere/x']);
    const none = 'no pod in namespace "jobs" is running or pending';
    expect(describeLostWork(groupWith([GONE, -1], [OTHER, -1]), elsewhere, 30)).toBe(none);
    expect(describeLostWork(groupWith(['shards-0', -1], ['shards-12', -1]), elsewhere, 30)).toBe(none);
    expect(describeLostWork(groupWith([GONE, -1], ['laptop', 3]), elsewhere, 30)).toBeUndefined();
  });

  it('is silent when the pods are not known', () => {
    expect(describeLostWork(groupWith([GONE, 1]), undefined, 3_600)).toBeUndefined();
  });
});
