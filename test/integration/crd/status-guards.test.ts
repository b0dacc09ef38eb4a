import { MAX_COUNTER, MAX_TOTAL, type WaitGroup } from '@konductor/schema';
import { describe, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { create, expectRefusal, type Refusal, replaceStatus } from '../../support/cluster/raw-requests.ts';

const controlPlane = inject('controlPlane');

const waiting = { counter: 1, phase: 'Waiting' };
const done = { counter: 0, phase: 'Done' };
const used = { ...done, added: 5, completions: 2, addedAtCompletion: 5 };
const time = '2026-01-02T03:04:05Z';
const doneCondition = (status: string) => ({
  type: 'Done',
  status,
  reason: 'Because',
  message: '',
  lastTransitionTime: time,
});
const operation = { id: 'op-1', delta: 1, by: 'test', at: time };

/** A group that has this status. */
async function createWith(status: object): Promise<WaitGroup> {
  const group = await create(await createNamespace(controlPlane, 'guards'), {});
  return replaceStatus(group, status);
}

describe('the API server rejects a status', () => {
  const phase = /must be Waiting while counter is above zero and Done while it is zero: update both together/;
  const condition = /must be True if and only if counter is zero: use koncli/;

  it.each<[string, unknown, Refusal]>([
    [
      'a negative counter',
      { ...waiting, counter: -1 },
      { field: 'status.counter', says: /greater than or equal to 0/ },
    ],
    [
      'a counter above int32',
      { ...waiting, counter: MAX_COUNTER + 1 },
      { field: 'status.counter', says: /less than or equal to 2147483647/ },
    ],
    [
      'a fraction for a counter',
      { ...waiting, counter: 1.5 },
      { field: 'status.counter', says: /of type int(32|eger)/ },
    ],
    ['a text for a counter', { ...waiting, counter: '1' }, { field: 'status.counter', says: /of type integer/ }],
    ['no counter', { phase: 'Done' }, { field: 'status.counter', says: /Required value/ }],
    ['no phase', { counter: 1 }, { field: 'status.phase', says: /Required value/ }],
    [
      'a phase of its own',
      { ...waiting, phase: 'Open' },
      { field: 'status.phase', says: /supported values: "Waiting", "Done"/ },
    ],
    ...['2027-01-01T00:00:00+24:00', '2027-01-01T00:00:00,5Z', '2027-01-01T00:00:00-25:30'].map(
      (completedAt): [string, unknown, Refusal] => [
        `a completedAt that no date is made of: ${completedAt}`,
        { ...used, completedAt },
        { field: 'status.completedAt', says: /should match|must be of type date-time/ },
      ],
    ),
    [
      'an operation that JavaScript cannot read exactly',
      { ...waiting, recentOperations: [{ ...operation, delta: MAX_TOTAL + 1 }] },
      { field: 'status.recentOperations[0].delta', says: /less than or equal to/ },
    ],
    [
      'an observedGeneration that JavaScript cannot read exactly',
      { ...waiting, observedGeneration: MAX_TOTAL + 1 },
      { field: 'status.observedGeneration', says: /less than or equal to/ },
    ],
    ['Done above zero', { ...waiting, phase: 'Done' }, { field: 'status.phase', says: phase }],
    ['Waiting at zero', { ...done, phase: 'Waiting' }, { field: 'status.phase', says: phase }],
    [
      'a Done condition that is True above zero',
      { ...waiting, conditions: [doneCondition('True')] },
      { field: 'status.conditions', says: condition },
    ],
    [
      'a Done condition that is False at zero',
      { ...done, conditions: [doneCondition('False')] },
      { field: 'status.conditions', says: condition },
    ],
    [
      'a Done condition that is Unknown at zero',
      { ...done, conditions: [doneCondition('Unknown')] },
      { field: 'status.conditions', says: condition },
    ],
    [
      'two conditions of one type',
      { ...done, conditions: [doneCondition('True'), doneCondition('True')] },
      { field: 'status.conditions[1]', says: /Duplicate value/ },
    ],
    ['negative totals', { ...done, added: -1 }, { field: 'status.added', says: /greater than or equal to 0/ }],
    [
      'totals beyond 2^53-1',
      { ...done, added: MAX_TOTAL + 1 },
      { field: 'status.added', says: /less than or equal to/ },
    ],
    [
      '17 recent operations',
      { ...done, recentOperations: Array(17).fill(operation) },
      { field: 'status.recentOperations', says: /at most 16 items/ },
    ],
    [
      'an operation without an id',
      { ...done, recentOperations: [{ ...operation, id: '' }] },
      { field: 'status.recentOperations[0].id', says: /at least 1 char/ },
    ],
    [
      'a completion at no time',
      { ...done, completedAt: 'now' },
      { field: 'status.completedAt', says: /of type date-time/ },
    ],
    ['no object', 'Done', { field: 'status', says: /of type object/ }],
  ])('with %s', async (_name, status, refusal) => {
    await expectRefusal(replaceStatus(await createWith(waiting), status), refusal);
  });
});

describe('the API server does not allow a total to decrease', () => {
  const says = /must not decrease: send the value that was read, or a larger one/;

  it.each(['added', 'completions', 'addedAtCompletion'] as const)('%s: to less, or to nothing', async (total) => {
    const group = await createWith(used);
    const { [total]: before, ...without } = used;
    await expectRefusal(replaceStatus(group, { ...without, [total]: before - 1 }), { field: `status.${total}`, says });
    await expectRefusal(replaceStatus(group, without), { field: `status.${total}`, says });
  });
});

describe('the API server does not allow the status to be removed', () => {
  const says = /status cannot be removed, because its totals must not decrease: delete and recreate the WaitGroup/;

  it.each([
    ['by null', null],
    ['by leaving it out', undefined],
  ])('%s', async (_name, status) => {
    await expectRefusal(replaceStatus(await createWith(used), status), { field: 'status', says });
    await expectRefusal(replaceStatus(await createWith(waiting), status), { field: 'status', says });
  });
});
