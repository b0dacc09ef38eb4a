import { describe, expect, it, vi } from 'vitest';
import { newCountedGroup, outcomeOf, outcomesOf, resultOf } from './counted-group.ts';
import { fail, landThen, lost, rejection, swallow } from './scripted-group.ts';
import { all, beforeIt, change, onGet, onPut, recreate, reject, remove } from './scripts.ts';

const belowZero = (delta: number, counter: number) =>
  `CounterRejectedError: waitgroup "batch": the counter is ${counter}, a change of ${delta} would take it below zero; nothing was changed`;

describe('calls that are made at once', () => {
  it('share one write, recorded as one operation, and each resolves with the group after it', async () => {
    const { group, add } = newCountedGroup();
    expect(await outcomesOf(add(1), add(2), add(3))).toEqual(Array(3).fill('counted: 11'));
    expect(group.requests.join(' ')).toBe('GET PUT');
    expect(group.current?.status?.recentOperations).toMatchObject([{ delta: 6, by: 'worker' }]);
  });

  it('are applied in their order, and each may be rejected alone', async () => {
    const { group, add } = newCountedGroup();
    expect(await outcomesOf(add(-5), add(-1), add(3))).toEqual(['counted: 3', belowZero(-1, 0), 'counted: 3']);
    expect(group.landed).toEqual([-2]);
  });

  it('are not written when all of them are rejected', async () => {
    const { group, add } = newCountedGroup();
    expect(await outcomesOf(add(-6), add(-7))).toEqual([belowZero(-6, 5), belowZero(-7, 5)]);
    expect(group.requests.join(' ')).toBe('GET');
  });

  it('wait for the write in flight, and then share the next one', async () => {
    const { group, add } = newCountedGroup();
    const later: Promise<string[]>[] = [];
    beforeIt(() => void later.push(outcomesOf(add(2), add(3))))(group);
    expect(await outcomeOf(add(1))).toBe('counted: 6');
    expect(await later[0]).toEqual(['counted: 11', 'counted: 11']);
    expect(group.landed).toEqual([1, 5]);
  });

  it('are forgotten once they have ended: the next call reads again', async () => {
    const { group, add } = newCountedGroup();
    await outcomeOf(add(1));
    expect(await outcomeOf(add(1))).toBe('counted: 7');
    expect(group.requests.join(' ')).toBe('GET PUT GET PUT');
  });

  it('of different groups do not wait for each other', async () => {
    const { group, counting, add } = newCountedGroup();
    group.plan('PUT', swallow);
    expect(await outcomesOf(add(1), counting.count('other', { delta: 1 }, {}))).toEqual(['pending', 'counted: 6']);
  });

  it.each([
    ['brings an operation ID', { operationId: 'job-7' }],
    ['means one group only', { uid: 'uid-1' }],
  ])('are written apart from a call that %s', async (_, options) => {
    const { group, add } = newCountedGroup();
    await outcomesOf(add(1), add(2), add(10, options), add(3), add(4));
    expect(group.landed).toEqual([3, 10, 7]);
  });

  it('do not join a call that was aborted before it was sent', async () => {
    const { group, add } = newCountedGroup();
    const outcomes = await outcomesOf(add(1, { signal: AbortSignal.abort() }), add(2));
    expect(outcomes).toEqual(['AbortedError: aborted; nothing was changed', 'counted: 7']);
    expect(group.landed).toEqual([2]);
  });

  it('are written without the one that gave up before an attempt', async () => {
    const { group, add } = newCountedGroup();
    group.plan('PUT', reject(429, 3));
    const outcomes = await outcomesOf(add(1, { timeoutMs: 2_000 }), add(2));
    expect(outcomes).toEqual([expect.stringMatching(/^TimedOutError: .*nothing was changed$/), 'counted: 7']);
    expect(group.requests.join(' ')).toBe('GET PUT GET GET PUT');
  });

  it('are settled when one gave up while the write was open, which is unknown to that one', async () => {
    const { group, add } = newCountedGroup();
    const controller = new AbortController();
    group.plan('PUT', landThen(lost));
    beforeIt(() => controller.abort(), fail(lost))(group);
    const outcomes = await outcomesOf(add(1, { signal: controller.signal }), add(2));
    expect(outcomes).toEqual([expect.stringMatching(/^UnknownOutcomeError: .* a change of 1 was sent/), 'counted: 8']);
  });

  it('all end with the error that ends the operation', async () => {
    const { group, add } = newCountedGroup();
    group.plan('PUT', reject(403));
    expect(await outcomesOf(add(1), add(2))).toEqual(Array(2).fill('ForbiddenError: rejected with 403'));
  });
});

describe('a call with an operation ID', () => {
  it('is not written again when the id is recorded, and reports that', async () => {
    const { group, add } = newCountedGroup();
    const options = { operationId: 'job-7' };
    expect(await outcomesOf(add(1, options), add(1, options))).toEqual(['counted: 6', 'repeated: 6']);
    expect(group.landed).toEqual([1]);
  });

  it('reports that another process was first, also when that happened after its own read', async () => {
    const { group, add } = newCountedGroup();
    beforeIt((scripted) => scripted.change(1, 'job-7'))(group);
    expect(await outcomeOf(add(1, { operationId: 'job-7' }))).toBe('repeated: 6');
  });

  it.each([
    ['the response was lost', landThen(lost)],
    ['a proxy sent it twice', landThen(rejection(409))],
  ])('takes its own write for its own when %s', async (_, fault) => {
    const { group, add } = newCountedGroup();
    group.plan('PUT', fault);
    expect(await outcomeOf(add(1, { operationId: 'job-7' }))).toBe('counted: 6');
  });

  it('is rejected when the id is recorded for another change', async () => {
    const { group, add } = newCountedGroup();
    group.change(4, 'job-7');
    expect(await outcomeOf(add(1, { operationId: 'job-7' }))).toMatch(
      /^OperationIdReusedError: .* ID "job-7" was used for a change of 4, this one is 1: .*; nothing was changed$/,
    );
    expect(group.landed).toEqual([]);
  });

  it('shares its write with no other, so that the record is its own', async () => {
    const { group, add } = newCountedGroup();
    group.plan('PUT', landThen(rejection(429)));
    expect(await outcomesOf(add(1), add(2))).toEqual(['counted: 8', 'counted: 8']);
  });
});

describe('a call for one group only', () => {
  it.each([
    ['leaves another group of the same name alone', recreate, 'was deleted and recreated', 7],
    ['ends when its group was deleted', remove, 'was deleted', undefined],
  ])('%s', async (_, script, what, counter) => {
    const { group, add } = newCountedGroup();
    script(group);
    const outcome = await outcomeOf(add(1, { uid: 'uid-1' }));
    expect(outcome).toBe(`WaitGroupNotFoundError: waitgroup "batch" in namespace "jobs" ${what}`);
    expect(group.counter).toBe(counter);
  });
});

describe('set', () => {
  it('takes the counter to a value, whatever it is when it is written', async () => {
    const { group, counting } = newCountedGroup();
    beforeIt(change(3))(group);
    const set = await resultOf(counting.set('batch', 2, {}));
    expect(set).toMatchObject({ group: { status: { counter: 2 } }, operation: { delta: -6, by: 'worker' } });
  });

  it('recognises its own record when a copy of it had landed', async () => {
    const { group, counting } = newCountedGroup();
    group.plan('PUT', landThen(rejection(429)));
    expect(await resultOf(counting.set('batch', 2, {}))).toMatchObject({ operation: { delta: -3 } });
  });

  it('writes nothing when the counter has the value already', async () => {
    const { group, counting } = newCountedGroup();
    expect((await resultOf(counting.set('batch', 5, {}))).operation).toBeUndefined();
    expect(group.requests.join(' ')).toBe('GET');
  });
});

describe('onRetry', () => {
  it('reports each failure with the delay before the next attempt, and no conflict', async () => {
    const { group, done } = newCountedGroup();
    const onRetry = vi.fn();
    all(onGet(fail(lost), fail(lost), reject(429, 2)), beforeIt(change(1)), onPut(fail(lost)))(group);
    await outcomeOf(done({ onRetry }));
    // The backoff doubles, follows Retry-After, and starts over after a conflict.
    expect(onRetry.mock.calls.map(([{ message }, delayMs]) => [message, delayMs])).toEqual([
      ['connection reset', 50],
      ['connection reset', 100],
      ['rejected with 429', 2_050],
      ['connection reset', 50],
    ]);
  });

  it('starts over with the shortest delay when a conflict shows that the API server is available', async () => {
    const { group, done } = newCountedGroup();
    const onRetry = vi.fn();
    group.plan('PUT', landThen(lost), fail(lost));
    group.plan('WATCH', fail(lost));
    await outcomeOf(done({ onRetry }));
    expect(onRetry.mock.calls.map(([, delayMs]) => delayMs)).toEqual([50, 100, 50]);
  });

  it('does not report to a call that has ended', async () => {
    const { group, add } = newCountedGroup();
    const onRetry = vi.fn();
    group.plan('GET', reject(429, 3), fail(lost));
    await outcomesOf(add(1, { onRetry, timeoutMs: 1_000 }), add(2));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });
});
