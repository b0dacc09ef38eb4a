import { applyOperation } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { describeCause, describeFail } from '../../../cli/src/output/failure-text.ts';
import { buildStatus, buildWaitGroup, NOW } from '../../schema/wait-groups.ts';

const AT = '2026-01-02T03:59:55.000Z';

describe('describeCause', () => {
  it.each([
    [{ worker: 'worker-3' }, 'DiskFull: no space left (by worker-3, 5s ago)'],
    [{}, 'DiskFull: no space left (5s ago)'],
  ])('names reason, message, worker and time: %j', (worker, text) => {
    expect(describeCause({ reason: 'DiskFull', message: 'no space left', at: AT, ...worker }, NOW)).toBe(text);
  });
});

describe('describeFail', () => {
  /** The group after two calls of fail by two workers, the second with this delta. */
  function failTwice(delta: number) {
    const apply = (status: ReturnType<typeof buildStatus>, id: string, change: number, seconds: number) => {
      const failure = { reason: id === 'one' ? 'DiskFull' : 'Other', message: 'x', worker: id };
      const at = new Date(NOW.getTime() + seconds * 1_000);
      const { status: next = status } = applyOperation(
        buildWaitGroup({ status }),
        { id, by: id, deltas: [change], failure },
        at,
      );
      return next;
    };
    const first = apply(buildStatus({ counter: 3, added: 3 }), 'one', -1, 0);
    return {
      first: buildWaitGroup({ status: first }),
      second: buildWaitGroup({ status: apply(first, 'two', delta, 1) }),
    };
  }

  it.each([
    ['the first failure', 'one', -1, 'failed (DiskFull)'],
    ['a second one', 'two', -1, 'failed before (DiskFull, by one); done 1'],
    ['a second one that finishes no work', 'two', 0, 'unchanged (failed before: DiskFull, by one)'],
  ] as const)('describes %s', (_, operationId, change, text) => {
    const { first, second } = failTwice(change);
    const group = operationId === 'one' ? first : second;
    expect(describeFail(group, { operationId, delta: -change || 0 })).toBe(text);
  });

  it('describes a first failure without a change of the counter', () => {
    const failure = { reason: 'DiskFull', message: 'x', worker: 'one' };
    const group = buildWaitGroup({ status: buildStatus({ counter: 3, added: 3 }) });
    const { status } = applyOperation(group, { id: 'one', by: 'one', deltas: [0], failure }, NOW);
    expect(describeFail({ ...group, ...(status && { status }) }, { operationId: 'one', delta: 0 })).toBe(
      'failed (DiskFull)',
    );
  });
});
