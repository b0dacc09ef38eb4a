import { describe, expect, it } from 'vitest';
import type { CountOptions } from '../../../../client/src/wait-group/counting/counting-call.ts';
import { newCountedGroup, outcomeOf } from './counted-group.ts';
import {
  type Fault,
  fail,
  firstDo,
  landThen,
  lost,
  pass,
  rejection,
  type ScriptedGroup,
  sendTwice,
  unsent,
} from './scripted-group.ts';

/** What is scripted, how the call ends, and the requests that it sends. */
type Row = [sentence: string, script: (group: ScriptedGroup) => void, outcome: string, requests: string];

async function expectRow([, script, outcome, requests]: Row, options?: CountOptions): Promise<void> {
  const { group, done } = newCountedGroup();
  script(group);
  expect(await outcomeOf(done(options))).toBe(outcome);
  expect(group.requests.join(' ')).toBe(requests);
  const isCounted = outcome.startsWith('counted');
  if (!outcome.startsWith('UnknownOutcomeError')) expect(group.landed).toEqual(isCounted ? [-2] : []);
}

const tooMany = rejection(429);
const churned = (group: ScriptedGroup) => () => group.churn(20);
const after20 = (fault: Fault) => (group: ScriptedGroup) => group.plan('PUT', firstDo(churned(group), fault));
const landedBefore20 = (error: Error) => (group: ScriptedGroup) => group.plan('PUT', landThen(error, churned(group)));
const then =
  (...scripts: ((group: ScriptedGroup) => void)[]) =>
  (group: ScriptedGroup) => {
    for (const script of scripts) script(group);
  };
const plan =
  (...[kind, ...faults]: Parameters<ScriptedGroup['plan']>) =>
  (group: ScriptedGroup) =>
    group.plan(kind, ...faults);
const beforeIt = (work: (group: ScriptedGroup) => void, fault: Fault) => (group: ScriptedGroup) =>
  group.plan(
    'PUT',
    firstDo(() => work(group), fault),
  );
const afterIt = (work: (group: ScriptedGroup) => void, error: Error) => (group: ScriptedGroup) =>
  group.plan(
    'PUT',
    landThen(error, () => work(group)),
  );
const unknown = (reason: string) =>
  `UnknownOutcomeError: waitgroup "batch": a change was sent, but its outcome is unknown: ${reason}`;
const gone = (what: string, counter = 5) =>
  `WaitGroupNotFoundError: waitgroup "batch" in namespace "jobs" ${what}; its last counter was ${counter}`;

describe('a write whose response is lost', () => {
  it.each<Row>([
    [
      'is sent again as it was when it never arrived',
      plan('PUT', fail(lost), fail(lost)),
      'counted: 3',
      'GET PUT PUT PUT',
    ],
    ['is settled by the watch when it landed', plan('PUT', landThen(lost)), 'counted: 3', 'GET PUT PUT WATCH'],
    [
      'stays open when a later copy is called too many',
      plan('PUT', landThen(lost), fail(tooMany)),
      'counted: 3',
      'GET PUT PUT PUT WATCH',
    ],
    [
      'stays open when a later copy never leaves',
      plan('PUT', landThen(lost), fail(unsent)),
      'counted: 3',
      'GET PUT PUT PUT WATCH',
    ],
    [
      'is settled by the watch when twenty changes came after it',
      landedBefore20(lost),
      'counted: 3',
      'GET PUT PUT WATCH',
    ],
    ['is applied again when twenty changes came first', after20(fail(lost)), 'counted: 3', 'GET PUT PUT WATCH GET PUT'],
    [
      'asks again when the watch fails',
      then(plan('PUT', landThen(lost)), plan('WATCH', fail(lost), fail(tooMany))),
      'counted: 3',
      'GET PUT PUT WATCH WATCH WATCH',
    ],
    [
      'was counted when the group was recreated after it',
      afterIt((group) => group.recreate(7), lost),
      'counted: 3',
      'GET PUT PUT WATCH',
    ],
    [
      'was not counted when the group was recreated first',
      beforeIt((group) => group.recreate(7), fail(lost)),
      gone('was deleted and recreated'),
      'GET PUT PUT WATCH GET',
    ],
    [
      'is unknown when the group is deleted after it',
      afterIt((group) => group.delete(), lost),
      unknown('waitgroup "batch" in namespace "jobs" was deleted; its last counter was 5'),
      'GET PUT PUT',
    ],
    [
      'is unknown when a later copy is forbidden',
      plan('PUT', landThen(lost), fail(rejection(403))),
      unknown('rejected with 403'),
      'GET PUT PUT',
    ],
    [
      'is unknown when the watch is unauthorized',
      then(plan('PUT', landThen(lost)), plan('WATCH', fail(rejection(401)))),
      unknown('rejected with 401'),
      'GET PUT PUT WATCH',
    ],
  ])('%s', (...row) => expectRow(row));

  it.each([
    ['when the watch is too old', 410],
    ['for an account that may not watch', 403],
  ])('is settled by the present state %s', async (_, code) => {
    const watch = plan('WATCH', fail(rejection(code)));
    const landed = then(watch, plan('PUT', landThen(lost)));
    await expectRow(['', landed, 'counted: 3', 'GET PUT PUT WATCH GET']);
    const notLanded = then(
      watch,
      beforeIt((group) => group.churn(2), fail(lost)),
    );
    await expectRow(['', notLanded, 'counted: 3', 'GET PUT PUT WATCH GET GET PUT']);
  });

  const forgotten = (group: ScriptedGroup) => {
    group.compactedBefore = 1_000;
  };
  const noWatch = plan('WATCH', fail(rejection(410)));
  it.each<Row>([
    [
      'when twenty changes came after it',
      then(noWatch, landedBefore20(lost)),
      'counted: 4',
      'GET PUT PUT WATCH GET LIST',
    ],
    [
      'when twenty changes came first',
      then(noWatch, after20(fail(lost))),
      'counted: 3',
      'GET PUT PUT WATCH GET LIST GET PUT',
    ],
    [
      'when reading it fails in passing',
      then(noWatch, landedBefore20(lost), plan('LIST', fail(lost))),
      'counted: 4',
      'GET PUT PUT WATCH GET LIST LIST',
    ],
    [
      'unless it is compacted',
      then(forgotten, landedBefore20(lost)),
      unknown('too many other changes came after it'),
      'GET PUT PUT WATCH GET LIST LIST LIST LIST LIST',
    ],
    [
      'unless reading it is forbidden',
      then(noWatch, landedBefore20(lost), plan('LIST', fail(rejection(403)))),
      unknown('rejected with 403'),
      'GET PUT PUT WATCH GET LIST',
    ],
    [
      'unless the group was recreated',
      then(
        noWatch,
        afterIt((group) => group.recreate(7), lost),
      ),
      unknown('the group was deleted and recreated'),
      'GET PUT PUT WATCH GET',
    ],
    [
      'unless the group is gone',
      then(noWatch, plan('PUT', landThen(lost), sendTwice()), plan('GET', pass, fail(rejection(404)))),
      unknown('rejected with 404'),
      'GET PUT PUT WATCH GET',
    ],
  ])('is settled by the history %s', (...row) => expectRow(row));
});

describe('a write that is rejected', () => {
  it.each<Row>([
    [
      'is applied again to what the other writer wrote',
      beforeIt((group) => group.change(4), pass),
      'counted: 7',
      'GET PUT GET PUT',
    ],
    ['was counted when a proxy sent it twice', plan('PUT', sendTwice()), 'counted: 3', 'GET PUT GET'],
    ['was counted when a proxy said 429', plan('PUT', landThen(tooMany)), 'counted: 3', 'GET PUT GET'],
    ['is applied again after a 429', plan('PUT', fail(tooMany)), 'counted: 3', 'GET PUT GET PUT'],
    [
      'is settled by the watch when twenty changes came after it and a proxy sent it twice',
      (group) => group.plan('PUT', sendTwice(churned(group))),
      'counted: 3',
      'GET PUT GET WATCH',
    ],
    [
      'is settled by the watch when twenty changes came after it and a proxy said 429',
      landedBefore20(tooMany),
      'counted: 3',
      'GET PUT GET WATCH',
    ],
    [
      'is applied again when the watch shows another change first',
      after20(pass),
      'counted: 3',
      'GET PUT GET WATCH PUT',
    ],
    [
      'is believed when the account may neither watch nor list',
      then(after20(pass), plan('WATCH', fail(rejection(403))), plan('LIST', fail(rejection(403)))),
      'counted: 3',
      'GET PUT GET WATCH GET LIST PUT',
    ],
    [
      'is unknown when the watch fails for good',
      then(after20(pass), plan('WATCH', fail(rejection(401)))),
      unknown('rejected with 401'),
      'GET PUT GET WATCH',
    ],
    [
      'is unknown when the next read is forbidden',
      then(plan('PUT', landThen(tooMany)), plan('GET', pass, fail(rejection(403)))),
      unknown('rejected with 403'),
      'GET PUT GET',
    ],
    [
      'is not found when the group is gone',
      beforeIt((group) => group.delete(), fail(tooMany)),
      'WaitGroupNotFoundError: waitgroup "batch" in namespace "jobs" was deleted',
      'GET PUT GET',
    ],
    [
      'is not found when the group was recreated',
      beforeIt((group) => group.recreate(7), pass),
      gone('was deleted and recreated'),
      'GET PUT GET',
    ],
    [
      'is not found when the group is being deleted',
      beforeIt((group) => group.markForDeletion(), pass),
      gone('was deleted'),
      'GET PUT GET',
    ],
  ])('%s', (...row) => expectRow(row));

  it.each<Row>([
    ['403', plan('PUT', fail(rejection(403))), 'ForbiddenError: rejected with 403', 'GET PUT'],
    ['422', plan('PUT', fail(rejection(422))), 'InvalidError: rejected with 422', 'GET PUT'],
    ['404', plan('PUT', fail(rejection(404))), gone('was deleted'), 'GET PUT'],
  ])('with %s did not take effect', (...row) => expectRow(row));

  it('needs no settling when it never left, whatever came after it', () =>
    expectRow(['', after20(fail(unsent)), 'counted: 3', 'GET PUT GET PUT']));
});

describe('a read', () => {
  it.each<Row>([
    ['is repeated when it fails in passing', plan('GET', fail(lost), fail(tooMany)), 'counted: 3', 'GET GET GET PUT'],
    [
      'ends the call when it is forbidden',
      plan('GET', fail(rejection(403))),
      'ForbiddenError: rejected with 403',
      'GET',
    ],
    [
      'ends the call when there is no group',
      (group) => group.delete(),
      'WaitGroupNotFoundError: waitgroup "batch" not found in namespace "jobs"',
      'GET',
    ],
    ['ends the call when the group is being deleted', (group) => group.markForDeletion(), gone('was deleted'), 'GET'],
  ])('%s', (...row) => expectRow(row));
});
