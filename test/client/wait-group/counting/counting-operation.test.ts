import { describe, expect, it } from 'vitest';
import { newCountedGroup, outcomeOf } from './counted-group.ts';
import { type Fault, fail, landThen, lost, pass, rejection, sendTwice, unsent } from './scripted-group.ts';
import {
  afterIt,
  all,
  beforeIt,
  change,
  churn,
  markForDeletion,
  onGet,
  onList,
  onPut,
  onWatch,
  recreate,
  reject,
  remove,
  type Script,
} from './scripts.ts';

/** What is scripted, how the call ends, and the requests that it sends. */
type Row = [sentence: string, script: Script, outcome: string, requests: string];

interface Call {
  readonly delta: number;
  readonly isFailure: boolean;
}

const CALLS: readonly [string, Call][] = [
  ['a done', { delta: -2, isFailure: false }],
  ['a failure', { delta: -2, isFailure: true }],
  ['a failure of an onlooker', { delta: 0, isFailure: true }],
];

/** The rows count for a done of 2. */
async function expectRow({ delta, isFailure }: Call, [, script, outcome, requests]: Row): Promise<void> {
  const { group, add, fail } = newCountedGroup();
  script(group);
  const expected = outcome.replace(/^counted: (\d+)$/, (_, counter) => `counted: ${Number(counter) + 2 + delta}`);
  expect(await outcomeOf(isFailure ? fail(delta) : add(delta))).toBe(expected);
  expect(group.requests.join(' ')).toBe(requests);
  if (outcome.startsWith('UnknownOutcomeError')) return;
  const isCounted = outcome.startsWith('counted');
  expect(group.landed).toEqual(isCounted ? [delta] : []);
  expect(group.failures).toEqual(isCounted && isFailure ? ['disk full'] : []);
}

const tooMany = rejection(429);
const landed = (...later: Fault[]) => onPut(landThen(lost), ...later);
const landedBefore20 = afterIt(churn(20), lost);
const lostAfter20 = beforeIt(churn(20), fail(lost));
const rejectedAfter20 = beforeIt(churn(20));
const twice20: Script = (group) =>
  group.plan(
    'PUT',
    sendTwice(() => group.churn(20)),
  );
const unknown = (reason: string) =>
  `UnknownOutcomeError: waitgroup "batch": a change was sent, but its outcome is unknown: ${reason}`;
const absent = (what: string) => `WaitGroupNotFoundError: waitgroup "batch" ${what}`;
const deleted = 'in namespace "jobs" was deleted';
const goneAt5 = absent(`${deleted}; its last counter was 5`);
const recreatedAt5 = absent(`${deleted} and recreated; its last counter was 5`);

describe.each(CALLS)('%s:', (_name, call) => {
  describe('a write whose response is lost', () => {
    it.each<Row>([
      ['is sent again as it was when it never arrived', onPut(fail(lost), fail(lost)), 'counted: 3', 'GET PUT PUT PUT'],
      ['is settled by the watch when it landed', landed(), 'counted: 3', 'GET PUT PUT WATCH'],
      ['stays open when a later copy is called too many', landed(reject(429)), 'counted: 3', 'GET PUT PUT PUT WATCH'],
      ['stays open when a later copy never leaves', landed(fail(unsent)), 'counted: 3', 'GET PUT PUT PUT WATCH'],
      ['is settled by the watch when twenty changes came after it', landedBefore20, 'counted: 3', 'GET PUT PUT WATCH'],
      ['is applied again when twenty changes came first', lostAfter20, 'counted: 3', 'GET PUT PUT WATCH GET PUT'],
      [
        'asks again when the watch fails',
        all(landed(), onWatch(fail(lost), reject(429))),
        'counted: 3',
        'GET PUT PUT WATCH WATCH WATCH',
      ],
      ['was counted when the group was recreated after it', afterIt(recreate, lost), 'counted: 3', 'GET PUT PUT WATCH'],
      ['was not when it was recreated first', beforeIt(recreate, fail(lost)), recreatedAt5, 'GET PUT PUT WATCH GET'],
      [
        'is unknown when the group is deleted after it',
        afterIt(remove, lost),
        unknown(`waitgroup "batch" ${deleted}; its last counter was 5`),
        'GET PUT PUT',
      ],
      ['is unknown when a later copy is forbidden', landed(reject(403)), unknown('rejected with 403'), 'GET PUT PUT'],
      [
        'is unknown when the watch is unauthorized',
        all(landed(), onWatch(reject(401))),
        unknown('rejected with 401'),
        'GET PUT PUT WATCH',
      ],
    ])('%s', (...row) => expectRow(call, row));

    const [tooOld, forbidden] = [onWatch(reject(410)), onWatch(reject(403))];
    const lostAfter2 = beforeIt(churn(2), fail(lost));
    it.each<Row>([
      ['when the watch is too old', all(tooOld, landed()), 'counted: 3', 'GET PUT PUT WATCH GET'],
      ['when the watch is forbidden', all(forbidden, landed()), 'counted: 3', 'GET PUT PUT WATCH GET'],
      ['too, when it did not land', all(tooOld, lostAfter2), 'counted: 3', 'GET PUT PUT WATCH GET GET PUT'],
      [
        'without a watch when it did not land',
        all(forbidden, lostAfter2),
        'counted: 3',
        'GET PUT PUT WATCH GET GET PUT',
      ],
    ])('is settled by the present state %s', (...row) => expectRow(call, row));

    const forget: Script = (group) => {
      group.compactedBefore = 1_000;
    };
    const lists = 'GET PUT PUT WATCH GET LIST';
    const twiceThenGone = all(landed(sendTwice()), onGet(pass, reject(404)));
    it.each<Row>([
      ['when twenty changes came after it', all(tooOld, landedBefore20), 'counted: 4', lists],
      ['when twenty changes came first', all(tooOld, lostAfter20), 'counted: 3', `${lists} GET PUT`],
      ['when reading fails in passing', all(tooOld, landedBefore20, onList(fail(lost))), 'counted: 4', `${lists} LIST`],
      [
        'unless it is compacted',
        all(forget, landedBefore20),
        unknown('too many other changes came after it'),
        `${lists} LIST LIST LIST LIST`,
      ],
      [
        'unless reading it is forbidden',
        all(tooOld, landedBefore20, onList(reject(403))),
        unknown('rejected with 403'),
        lists,
      ],
      [
        'unless the group was recreated',
        all(tooOld, afterIt(recreate, lost)),
        unknown('the group was deleted and recreated'),
        'GET PUT PUT WATCH GET',
      ],
      ['unless the group is gone', all(tooOld, twiceThenGone), unknown('rejected with 404'), 'GET PUT PUT WATCH GET'],
    ])('is settled by the history %s', (...row) => expectRow(call, row));
  });

  describe('a write that is rejected', () => {
    const blind = all(onWatch(reject(403)), onList(reject(403)));
    it.each<Row>([
      ['is applied again to what the other writer wrote', beforeIt(change(4)), 'counted: 7', 'GET PUT GET PUT'],
      ['was counted when a proxy sent it twice', onPut(sendTwice()), 'counted: 3', 'GET PUT GET'],
      ['was counted when a proxy said 429', onPut(landThen(tooMany)), 'counted: 3', 'GET PUT GET'],
      ['is applied again after a 429', onPut(reject(429)), 'counted: 3', 'GET PUT GET PUT'],
      ['is settled by the watch when a proxy sent it twice before twenty', twice20, 'counted: 3', 'GET PUT GET WATCH'],
      ['is settled by the watch after a 429', afterIt(churn(20), tooMany), 'counted: 3', 'GET PUT GET WATCH'],
      ['is applied again after another change first', rejectedAfter20, 'counted: 3', 'GET PUT GET WATCH PUT'],
      [
        'is believed when the account may neither watch nor list',
        all(rejectedAfter20, blind),
        'counted: 3',
        'GET PUT GET WATCH GET LIST PUT',
      ],
      [
        'is unknown when the watch fails for good',
        all(rejectedAfter20, onWatch(reject(401))),
        unknown('rejected with 401'),
        'GET PUT GET WATCH',
      ],
      [
        'is unknown when the next read is forbidden',
        all(onPut(landThen(tooMany)), onGet(pass, reject(403))),
        unknown('rejected with 403'),
        'GET PUT GET',
      ],
      ['is not found when the group is gone', beforeIt(remove, reject(429)), absent(deleted), 'GET PUT GET'],
      ['is not found when the group was recreated', beforeIt(recreate), recreatedAt5, 'GET PUT GET'],
      ['is not found when the group is being deleted', beforeIt(markForDeletion), goneAt5, 'GET PUT GET'],
      ['did not take effect after 403', onPut(reject(403)), 'ForbiddenError: rejected with 403', 'GET PUT'],
      ['did not take effect after 422', onPut(reject(422)), 'InvalidError: rejected with 422', 'GET PUT'],
      ['did not take effect after 404', onPut(reject(404)), goneAt5, 'GET PUT'],
      ['needs no settling when it never left', beforeIt(churn(20), fail(unsent)), 'counted: 3', 'GET PUT GET PUT'],
    ])('%s', (...row) => expectRow(call, row));
  });

  describe('a read', () => {
    it.each<Row>([
      ['is repeated when it fails in passing', onGet(fail(lost), reject(429)), 'counted: 3', 'GET GET GET PUT'],
      ['ends the call when it is forbidden', onGet(reject(403)), 'ForbiddenError: rejected with 403', 'GET'],
      ['ends the call when there is no group', remove, absent('not found in namespace "jobs"'), 'GET'],
      ['ends the call when the group is being deleted', markForDeletion, goneAt5, 'GET'],
    ])('%s', (...row) => expectRow(call, row));
  });
});
