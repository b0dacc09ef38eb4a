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
    [[[GONE, 1]], `1 added by pods of which 0 exist and run (missing: ${GONE})`],
    [
      [
        [GONE, 1],
        [RUNNING, 1],
        [OTHER, 1],
      ],
      `3 added by pods of which 1 exists and runs (missing: ${GONE}, ${OTHER})`,
    ],
  ] as const)('names pods that have gone without marking their work done: %#', (changes, text) => {
    expect(describeLostWork(groupWith(...changes), { live: PODS }, 0)).toEqual({ text, isCertain: true });
  });

  it('shows the first of many', () => {
    const changes = ['bbbbb', 'ccccc', 'ddddd', 'fffff'].map((end) => [`x-${end}`, 1] as const);
    expect(describeLostWork(groupWith(...changes), { live: PODS }, 0)?.text).toBe(
      '4 added by pods of which 0 exist and run (missing: x-bbbbb, x-ccccc, x-ddddd, …)',
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
    ['another machine', [['laptop', 1]]],
  ] as const)('is silent about %s', (_, changes) => {
    expect(describeLostWork(groupWith(...changes), { live: PODS }, 3_600)).toBeUndefined();
  });

  it.each([
    ['a StatefulSet', 'shards-0'],
    ['an Indexed Job, by its host name', 'shards-0-x2k4d'],
  ])('names a missing pod of %s whose siblings run', (_, sibling) => {
    const live = new Set([`jobs/${sibling}`]);
    expect(describeLostWork(groupWith(['shards-0', 1], ['shards-12', 1]), { live }, 0)).toEqual({
      text: '2 added by pods of which 1 exists and runs (missing: shards-12)',
      isCertain: true,
    });
  });

  it('names what may be other machines, without an alarm', () => {
    expect(describeLostWork(groupWith(['runner-1', 1]), { live: PODS }, 0)).toEqual({
      text: '1 added by runner-1, which is the name of no running pod',
      isCertain: false,
    });
  });

  const NONE = { text: 'no pod in namespace "jobs" is running or pending', isCertain: true };

  it('reports a namespace where nothing runs, once pods had time to be created', () => {
    const elsewhere = { live: new Set(['elsewhere/x']) };
    expect(describeLostWork(groupWith(), elsewhere, 30)).toEqual(NONE);
    expect(describeLostWork(groupWith(), elsewhere, 29)).toBeUndefined();
    expect(describeLostWork(groupWith(), { live: PODS }, 30)).toBeUndefined();
    expect(describeLostWork(groupWith(['laptop', 3]), elsewhere, 30)).toBeUndefined();
  });

  it('reports it also after pods have changed the counter, but not if another machine has', () => {
    const elsewhere = { live: new Set(['elsewhere/x']) };
    expect(describeLostWork(groupWith([GONE, -1], [OTHER, -1]), elsewhere, 30)).toEqual(NONE);
    expect(describeLostWork(groupWith(['shards-0', -1], ['shards-12', -1]), elsewhere, 30)).toEqual(NONE);
    expect(describeLostWork(groupWith([GONE, -1], ['laptop', 3]), elsewhere, 30)).toBeUndefined();
  });

  it('reports labelled pods that have all ended, although other pods run', () => {
    const text = 'no pod labelled konductor.io/waitgroup=batch is running or pending';
    const look = (live: number, quietSeconds = 30) =>
      describeLostWork(groupWith(), { live: PODS, labelled: { total: 3, live } }, quietSeconds);
    expect(look(0)).toEqual({ text, isCertain: true });
    expect([look(1), look(0, 29)]).toEqual([undefined, undefined]);
  });

  it('is silent where only workers with an identity have outstanding work', () => {
    const workers = { active: 4, done: 0, failed: 0, lost: 0, added: 4, finished: 0, borrowed: 0, revision: '1' };
    const { status, ...group } = groupWith([GONE, 1]);
    expect(describeLostWork({ ...group, status: { ...buildStatus(status), workers } }, { live: PODS }, 60)).toBe(
      undefined,
    );
  });

  it('is silent when the pods are not known', () => {
    expect(describeLostWork(groupWith([GONE, 1]), {}, 3_600)).toBeUndefined();
  });
});
