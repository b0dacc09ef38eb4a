import { describe, expect, it } from 'vitest';
import type { FailureReport } from '../../../../client/src/wait-group/counting/failure-report.ts';
import { newCountedGroup, outcomeOf, outcomesOf } from './counted-group.ts';
import { landThen, lost, fail as planFailure, swallow } from './scripted-group.ts';
import { beforeIt, type Script } from './scripts.ts';

const finish: Script = (group) => group.change(-5);
const othersFail: Script = (group) => group.fail('earlier');
const nothing =
  'CounterRejectedError: waitgroup "batch": no work is outstanding, so nothing can fail; nothing was changed';

describe('fail', () => {
  it('is written alone, in its turn, and names its worker', async () => {
    const { group, add, fail } = newCountedGroup();
    await outcomesOf(add(1), fail(-2), add(3), add(4));
    expect(group.landed).toEqual([1, -2, 7]);
    expect(group.current?.status).toMatchObject({
      outcome: 'Failed',
      failure: { reason: 'WorkerFailed', message: 'disk full', worker: 'worker' },
    });
  });

  it('records the first failure of a round; further ones only count, and are not written if they change nothing', async () => {
    const { group, fail } = newCountedGroup();
    const failures = [fail(0), fail(-2, {}, 'late'), fail(0, {}, 'idle')];
    expect(await outcomesOf(...failures)).toEqual(['counted: 5', 'counted: 3', 'counted: 3']);
    expect(group.landed).toEqual([0, -2]);
    expect(group.current?.status).toMatchObject({ failures: 1, failure: { message: 'disk full' } });
  });

  it.each([
    ['its write never arrived', beforeIt(othersFail, planFailure(lost))],
    ['its write was rejected', beforeIt(othersFail)],
  ])('as an onlooker changes nothing when another failure came first, and %s', async (_, script) => {
    const { group, fail } = newCountedGroup();
    script(group);
    expect(await outcomeOf(fail(0))).toBe('counted: 5');
    expect(group.failures).toEqual(['earlier']);
    expect(group.landed).toEqual([]);
  });

  it.each([
    ['when it is read', finish],
    ['when it is written', beforeIt(finish)],
  ])('is rejected when no work is outstanding %s', async (_, script) => {
    const { group, fail } = newCountedGroup();
    script(group);
    expect(await outcomeOf(fail(0))).toBe(nothing);
    expect(group.landed).toEqual([]);
  });

  it('is recognised by its operation ID, also after its round has ended', async () => {
    const { group, fail } = newCountedGroup();
    const options = { operationId: 'job-7' };
    expect(await outcomesOf(fail(-5, options), fail(-5, options))).toEqual(['counted: 0', 'repeated: 0']);
    expect(group.landed).toEqual([-5]);
  });

  it('takes its own write for its own when the response was lost', async () => {
    const { group, fail } = newCountedGroup();
    group.plan('PUT', landThen(lost));
    expect(await outcomeOf(fail(0, { operationId: 'job-7' }))).toBe('counted: 5');
  });

  it('is called a failure when its outcome is unknown', async () => {
    const { group, fail } = newCountedGroup();
    group.plan('PUT', swallow);
    expect(await outcomeOf(fail(0, { timeoutMs: 1_000 }))).toBe(
      'UnknownOutcomeError: waitgroup "batch": a failure was sent, but its outcome is unknown',
    );
  });

  const reason = (given: string) =>
    `TypeError: invalid reason ${JSON.stringify(given)}: must be one CamelCase word of at most 128 characters, such as DiskFull`;
  const long = 'A'.repeat(129);
  it.each<[string, FailureReport, string]>([
    ['an empty message', { message: '' }, 'TypeError: the message of a failure must not be empty'],
    ['a blank message', { message: ' \n' }, 'TypeError: the message of a failure must not be empty'],
    ['a reason of two words', { message: 'm', reason: 'disk full' }, reason('disk full')],
    ['an empty reason', { message: 'm', reason: '' }, reason('')],
    ['a reason that is too long', { message: 'm', reason: long }, reason(long)],
  ])('sends nothing for a report with %s', async (_, report, error) => {
    const { group, counting } = newCountedGroup();
    expect(await outcomeOf(counting.fail('batch', { ...report, delta: 0 }, {}))).toBe(error);
    expect(group.requests).toEqual([]);
  });

  it('sends nothing for a negative delta, which would add work', async () => {
    const { group, counting } = newCountedGroup();
    const failing = counting.fail('batch', { message: 'm', delta: 1 }, {});
    expect(await outcomeOf(failing)).toBe('TypeError: the delta of a failure must not be negative');
    expect(group.requests).toEqual([]);
  });

  it('accepts a reason of 128 characters', async () => {
    const { group, counting } = newCountedGroup();
    await outcomeOf(counting.fail('batch', { message: 'm', reason: 'A'.repeat(128), delta: 0 }, {}));
    expect(group.current?.status?.failure?.reason).toBe('A'.repeat(128));
  });
});
