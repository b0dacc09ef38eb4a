import { oldestWaitingSeconds } from '@konductor/operator';
import { failRound, type WaitGroup } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';

const NOW = new Date('2026-01-02T04:00:00Z');
const CREATED = '2026-01-02T03:30:00Z';

/** Waiting since `changed` by its Done condition. */
function waiting(changed: string, fields = {}): WaitGroup {
  const { conditions = [], ...status } = buildStatus({ counter: 1, added: 1, ...fields });
  const since = conditions.map((condition) => ({ ...condition, lastTransitionTime: changed }));
  return buildWaitGroup({ metadata: { creationTimestamp: CREATED }, status: { ...status, conditions: since } });
}
const failed = waiting('2026-01-02T03:35:00Z');

it.each<[string, readonly WaitGroup[], number]>([
  ['0 without WaitGroups', [], 0],
  ['0 if none has outstanding work', [buildWaitGroup(), waiting(CREATED, { counter: 0 })], 0],
  ['the time since the counter left zero', [waiting('2026-01-02T03:59:00.500Z')], 59.5],
  [
    'that of the oldest, in any format of a time',
    [waiting('2026-01-02T03:59:00Z'), waiting('2026-01-02T05:40:00+02:00'), waiting('2026-01-02T03:50:00Z')],
    20 * 60,
  ],
  [
    'the time since the creation without a Done condition',
    [buildWaitGroup({ metadata: { creationTimestamp: CREATED }, status: { counter: 1, phase: 'Waiting' } })],
    30 * 60,
  ],
  ['the time since the creation for a change before it', [waiting('1970-01-01T00:00:00Z')], 30 * 60],
  ['the time since the creation for a change at an impossible time', [waiting('2026-01-02T00:00:00+24:00')], 30 * 60],
  ['0 for a change in the future', [waiting('9999-12-31T23:59:59Z')], 0],
  [
    '0 for a failed round: nobody waits for it',
    [
      {
        ...failed,
        status: failRound(failed.status ?? buildStatus(), { reason: 'WorkerFailed', message: 'no space left' }, NOW),
      },
    ],
    0,
  ],
])('is %s', (_what, waitGroups, seconds) => {
  expect(oldestWaitingSeconds(waitGroups, NOW)).toBe(seconds);
});
