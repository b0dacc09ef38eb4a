// What the API server rejects of outcome, failure, failures, startedAt and failedAt, whoever sends it.
import { applyOperation, MAX_TOTAL, type WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, expectRefusal, type Refusal, replaceStatus } from '../../support/cluster/raw-requests.ts';
import { kubectl } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
const time = '2026-01-02T03:04:05Z';
const failure = { reason: 'WorkerFailed', message: 'no space left', worker: 'worker-3', at: time };
const open = {
  counter: 2,
  phase: 'Waiting',
  added: 9,
  completions: 3,
  addedAtCompletion: 5,
  failures: 1,
  startedAt: time,
};
const failed = { ...open, outcome: 'Failed', failure, failures: 2, failedAt: time };
const ended = { ...open, counter: 0, phase: 'Done', completions: 4, addedAtCompletion: 9 };
const succeeded = { ...ended, outcome: 'Succeeded' };
const failedAndDone = { ...failed, ...ended, outcome: 'Failed', failures: 2 };
/** A round more than `ended`, without what belongs to a round. */
const again = { ...open, added: 11, completions: 4, addedAtCompletion: 9, startedAt: undefined };
const none = { counter: 0, phase: 'Done', added: 0, completions: 0, addedAtCompletion: 0 };
const condition = (type: string, status: string) => ({
  ...{ type, status, reason: 'Because', message: '', lastTransitionTime: time },
});

async function createWith(status: object, spec = {}): Promise<WaitGroup> {
  return replaceStatus(await create(await createNamespace(controlPlane, 'outcome'), { spec }), status);
}

const outcome = (says: RegExp): Refusal => ({ field: 'status.outcome', says });
const failures = (says: RegExp): Refusal => ({ field: 'status.failures', says });
const UNCHANGED = outcome(/outcome and failure must not change until an add begins the next round: send the values/);
const LARGER = outcome(
  /can become Failed only together with a larger status\.failures, and not remain from an earlier/,
);
const OUTSTANDING = outcome(/cannot become Failed while no work is outstanding: add work first/);
const AT_ZERO = outcome(/can be Succeeded only while counter is zero: remove outcome when you increase counter/);
const UNUSED = outcome(/cannot be Succeeded before any work was added: remove outcome/);
const ADDED: Refusal = { field: 'status.added', says: /must grow by the work of the new round, which is at least/ };
const BOTH: Refusal = { field: 'status.failure', says: /if and only if status\.outcome is Failed: set or remove both/ };
const DECREASE = failures(/must not decrease: send the value that was read, or a larger one/);
const ONE_EACH = failures(/must grow by one for each round that fails, and not otherwise: use koncli waitgroup fail/);
const CONDITIONS: Refusal = {
  field: 'status.conditions',
  says: /Failed and Stalled must be True if and only if outcome is Failed: remove them, and the operator sets them/,
};

describe('the API server rejects', () => {
  it.each<[string, object, object, Refusal]>([
    ['a success while work is outstanding', open, { ...open, outcome: 'Succeeded' }, AT_ZERO],
    ['an outcome of its own', open, { ...open, outcome: 'Lost' }, outcome(/supported values: "Succeeded", "Failed"/)],
    ['a failure without Failed', open, { ...open, failure }, BOTH],
    ['a failure beside Succeeded', ended, { ...succeeded, failure }, BOTH],
    ['Failed without a failure', open, { ...failed, failure: undefined }, BOTH],
    ['Failed without one more in failures', open, { ...failed, failures: 1 }, LARGER],

    ['a success although nothing was added', none, { ...none, outcome: 'Succeeded' }, UNUSED],
    ['a round that nobody added, in place of a failed one', failed, { ...again, added: 9, failures: 2 }, ADDED],
    ['a round after a failed one with less added than outstanding', failedAndDone, { ...again, added: 10 }, ADDED],
    ['a round that nobody added, after a success', succeeded, { ...again, added: 9 }, ADDED],

    ['another outcome of a failed round', failed, { ...succeeded, failures: 2 }, UNCHANGED],
    ['another outcome of a failed round that ended', failedAndDone, { ...succeeded, failures: 2 }, UNCHANGED],
    ['a failure of a round that has succeeded', succeeded, failedAndDone, UNCHANGED],
    ['a success that is taken back', succeeded, ended, UNCHANGED],
    ['a failure that is taken back', failed, { ...open, failures: 2 }, UNCHANGED],
    ['a failed round that is reopened by its end', failed, { ...ended, failures: 2 }, UNCHANGED],
    ['another reason', failed, { ...failed, failure: { ...failure, reason: 'Other' } }, UNCHANGED],
    ['another message', failed, { ...failed, failure: { ...failure, message: 'other' } }, UNCHANGED],
    ['another worker', failed, { ...failed, failure: { ...failure, worker: 'worker-4' } }, UNCHANGED],
    ['no worker any more', failed, { ...failed, failure: { ...failure, worker: undefined } }, UNCHANGED],
    [
      'another time of the failure',
      failed,
      { ...failed, failure: { ...failure, at: '2026-01-02T03:04:06Z' } },
      UNCHANGED,
    ],
    ['a failure of a round that ended undecided', ended, failedAndDone, OUTSTANDING],

    ['fewer failures', failed, { ...failed, failures: 1 }, DECREASE],
    ['no failures any more', open, { ...open, failures: undefined }, DECREASE],
    ['more failures without a failed round', open, { ...open, failures: 2 }, ONE_EACH],
    ['more failures beside a success', open, { ...succeeded, failures: 2 }, ONE_EACH],
    ['two failures of one round', open, { ...failed, failures: 3 }, ONE_EACH],
    ['one more failure of a round that has failed', failed, { ...failed, failures: 3 }, ONE_EACH],
    ['one more failure as a failed round ends', failed, { ...failedAndDone, failures: 3 }, ONE_EACH],
    ['more failures than rounds', open, { ...again, ...failed, completions: 4, failures: 4 }, ONE_EACH],
    ['failures at their maximum', open, { ...failed, failures: MAX_TOTAL }, ONE_EACH],

    ['the failure of the round before', failedAndDone, { ...again, outcome: 'Failed', failure, failures: 2 }, LARGER],
    ['the failure of a round that ended in the same write', failed, { ...failed, added: 11, completions: 4 }, LARGER],
    ['the success of the round before', succeeded, { ...again, outcome: 'Succeeded' }, AT_ZERO],
    [
      'startedAt of the round before',
      succeeded,
      { ...again, startedAt: time },
      { field: 'status.startedAt', says: /that of an earlier round: remove it, and the operator records the new one/ },
    ],
    [
      'failedAt of the round before',
      failedAndDone,
      { ...again, outcome: 'Failed', failure, failures: 3, failedAt: time },
      { field: 'status.failedAt', says: /that of an earlier failure: remove it, and the operator records the new one/ },
    ],
    [
      'failedAt of a round that has not failed',
      open,
      { ...open, failedAt: time },
      { field: 'status.failedAt', says: /must be absent unless outcome is Failed: remove both together/ },
    ],

    ...['Failed', 'Stalled'].flatMap((type): [string, object, object, Refusal][] => [
      [`the condition ${type} of an open round`, open, { ...open, conditions: [condition(type, 'True')] }, CONDITIONS],
      [`no ${type} of a failed round`, failed, { ...failed, conditions: [condition(type, 'False')] }, CONDITIONS],
      [`an unknown ${type} of one`, failed, { ...failed, conditions: [condition(type, 'Unknown')] }, CONDITIONS],
      [`${type} of a success`, ended, { ...succeeded, conditions: [condition(type, 'True')] }, CONDITIONS],
    ]),

    ...Object.entries({ reason: 'disk full', message: '', worker: 'ä', at: 'now' }).map(
      ([field, value]): [string, object, object, Refusal] => [
        `a failure whose ${field} is ${JSON.stringify(value)}`,
        open,
        { ...failed, failure: { ...failure, [field]: value } },
        { field: `status.failure.${field}`, says: /should match|at least 1 char|of type date-time/ },
      ],
    ),
    ...Object.entries({ reason: 'R'.repeat(129), message: '😀'.repeat(1025), worker: 'w'.repeat(254) }).map(
      ([field, value]): [string, object, object, Refusal] => [
        `a failure whose ${field} is too long`,
        open,
        { ...failed, failure: { ...failure, [field]: value } },
        { field: `status.failure.${field}`, says: /may not be more than/ },
      ],
    ),
  ])('%s', async (_name, before, after, refusal) => {
    await expectRefusal(replaceStatus(await createWith(before), after), refusal);
  });
});

describe('the API server keeps the outcome of a round', () => {
  const path = (fields: string[]) => fields.map((field) => ({ op: 'remove', path: `/status/${field}` }));
  const gone = { outcome: null, failure: null, failedAt: null };

  it.each<[string, string, unknown, string]>([
    ['a merge patch with null', 'merge', { status: gone }, 'outcome and failure must not change until'],
    ['a merge patch that fails it again', 'merge', { status: { failures: 3 } }, 'must grow by one for each round'],
    ['a merge patch of the message', 'merge', { status: { failure: { message: 'x' } } }, 'failure must not change'],
    ['a merge patch of status: null', 'merge', { status: null }, 'status cannot be removed'],
    ['a JSON patch', 'json', path(['outcome', 'failure', 'failedAt']), 'outcome and failure must not change until'],
    ['a JSON patch of failures', 'json', path(['failures']), 'status.failures must not decrease'],
    [
      'a JSON patch of the status',
      'json',
      path([]).concat({ op: 'remove', path: '/status' }),
      'status cannot be removed',
    ],
  ])('from %s', async (_name, type, patch, says) => {
    const { metadata } = await createWith(failed);
    const args = ['patch', 'wg', 'group', '-n', `${metadata.namespace}`, '--subresource=status', `--type=${type}`];
    const { code, stderr } = await kubectl(controlPlane, [...args, '-p', JSON.stringify(patch)]);
    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect((await api.get(`${metadata.namespace}`, 'group')).status).toEqual(failed);
  });

  it('in an update that leaves the fields out, or the status', async () => {
    const group = await createWith(failed);
    const { outcome: _, failure: __, failedAt: ___, ...without } = failed;
    await expectRefusal(replaceStatus(group, without), UNCHANGED);
    await expectRefusal(replaceStatus(group), { field: 'status', says: /status cannot be removed/ });
  });
});

describe('the API server accepts', () => {
  const DONE_BY_HAND = { counter: 0, phase: 'Done', completions: 3, addedAtCompletion: 5 };

  it.each<[string, object, object]>([
    ['a failure with work outstanding', open, failed],
    ['a failure that ends the round', open, failedAndDone],
    ['a success', open, succeeded],
    ['a success that is filled in later', ended, succeeded],
    ['a done by hand that leaves the outcome open', open, { ...open, ...DONE_BY_HAND }],
    [
      'a success that is filled in after it',
      { ...open, ...DONE_BY_HAND },
      { ...open, ...DONE_BY_HAND, outcome: 'Succeeded' },
    ],
    ['a done by hand in a failed round', failed, { ...failed, ...DONE_BY_HAND }],
    ['an undecided round after a success', succeeded, again],
    ['an undecided round after a failure', failedAndDone, { ...again, failures: 2 }],
    ['an undecided round that began in the write that ended a failed one', failed, { ...again, failures: 2 }],
    ['a round that failed as soon as it began', ended, { ...again, outcome: 'Failed', failure, failures: 2 }],
    [
      'the failures of this round and the next, as a restore does',
      open,
      { ...again, ...failed, ...again, failures: 3, failedAt: undefined },
    ],
    ['failedAt that is changed or removed', failed, { ...failed, failedAt: undefined, startedAt: undefined }],
    [
      'the conditions of a failed round',
      open,
      { ...failed, conditions: ['Failed', 'Stalled'].map((type) => condition(type, 'True')) },
    ],
    [
      'a condition that denies the failure of an open round',
      open,
      { ...open, conditions: [condition('Failed', 'False')] },
    ],
  ])('%s', async (_name, before, after) => {
    const written = await replaceStatus(await createWith(before), after, { fieldValidation: 'Strict' });
    expect(written.status).toEqual(JSON.parse(JSON.stringify(after)));
  });

  it.each([-1, 0, -3])('a failure as the first write of a WaitGroup with an initial count, by %d', async (delta) => {
    const group = await create(await createNamespace(controlPlane, 'outcome'), { spec: { initialCount: 3 } });
    const call = { id: 'op', by: 'test', deltas: [delta], failure };
    const { status } = applyOperation(group, call, new Date());
    await expect(replaceStatus(group, status, { fieldValidation: 'Strict' })).resolves.toHaveProperty('status', status);
    expect(status).toMatchObject({ counter: 3 + delta, outcome: 'Failed', failures: 1 });
  });

  it.each<[string, object]>([
    ['open', open],
    ['failed with work outstanding', failed],
    ['failed and done', failedAndDone],
    ['succeeded', succeeded],
  ])('the restored status of a round that is %s, onto any recreated WaitGroup', async (_name, status) => {
    for (const spec of [{}, { initialCount: 3 }]) {
      await expect(createWith(status, spec)).resolves.toHaveProperty('status', status);
      const initial = {
        ...(await createWith({ counter: 3, phase: 'Waiting', startedAt: '2026-01-01T00:00:00Z' }, spec)),
      };
      await expect(replaceStatus(initial, status)).resolves.toHaveProperty('status', status);
    }
  });
});
