import { describe, expect, it } from 'vitest';
import { table } from '../../../cli/src/output/table.ts';
import { buildStatus, buildWaitGroup, NOW } from '../../schema/wait-groups.ts';

const busy = buildWaitGroup({
  metadata: { name: 'batch-jobs' },
  spec: { ttl: '1h' },
  status: buildStatus({ counter: 3, added: 10 }),
});
const done = buildWaitGroup({
  metadata: { name: 'x', namespace: 'other' },
  status: buildStatus({ added: 2, completedAt: '2026-01-02T03:58:00.678Z' }),
});

describe('table', () => {
  it('shows the columns of kubectl, aligned', () => {
    expect(table([busy, done], { isWide: false, now: NOW })).toEqual([
      'NAME         COUNTER   PHASE     ADDED   TTL      AGE',
      'batch-jobs   3         Waiting   10      1h       55m',
      'x            0         Done      2       <none>   55m',
    ]);
  });

  it('shows the wide columns, and namespaces', () => {
    expect(table([busy, done], { isWide: true, hasNamespaces: true, now: NOW })).toEqual([
      'NAMESPACE   NAME         COUNTER   PHASE     ADDED   TTL      OUTCOME   ACTIVE   LOST     COMPLETED   AGE',
      'jobs        batch-jobs   3         Waiting   10      1h       <none>    <none>   <none>   <none>      55m',
      'other       x            0         Done      2       <none>   <none>    <none>   <none>   2m          55m',
    ]);
  });

  it('shows the state of a WaitGroup without a status', () => {
    const fresh = buildWaitGroup({ spec: { initialCount: 4 } });
    expect(table([fresh], { isWide: false, now: NOW })[1]).toMatch(/^batch +4 +Waiting +4 +<none> +55m$/);
  });

  it('is empty without WaitGroups', () => {
    expect(table([], { isWide: false, now: NOW })).toEqual([]);
  });
});
