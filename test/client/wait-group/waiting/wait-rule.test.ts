import type { ListWatchEvent } from '@konductor/client';
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { observe, type WaitRule, type WaitState } from '../../../../client/src/wait-group/waiting/wait-rule.ts';

type Event = ListWatchEvent<WaitGroup>;
type Metadata = Partial<WaitGroup['metadata']>;

function group(counter: number, totals: Partial<WaitGroupStatus> = {}, metadata: Metadata = {}): WaitGroup {
  const phase = counter > 0 ? 'Waiting' : 'Done';
  return {
    apiVersion: 'konductor.io/v1',
    kind: 'WaitGroup',
    metadata: { name: 'batch', uid: 'first', ...metadata },
    status: { counter, phase, added: counter, completions: 0, addedAtCompletion: 0, ...totals },
  };
}

const listed = (...items: WaitGroup[]): Event => ({ type: 'LISTED', items, resourceVersion: '7' });
const modified = (object: WaitGroup): Event => ({ type: 'MODIFIED', object });
const added = (object: WaitGroup): Event => ({ type: 'ADDED', object });
const deleted = (object: WaitGroup): Event => ({ type: 'DELETED', object });
const going = { deletionTimestamp: '2026-01-02T03:04:05Z' };
const afterRound = { added: 2, completions: 1, addedAtCompletion: 2 };
const second = { uid: 'second' };
const two = group(2);
const nextRound = group(3, { added: 5, completions: 1, addedAtCompletion: 2 });
const unwritten: WaitGroup = { ...group(0), status: undefined, spec: { initialCount: 3 } };

const failedAt = (counter: number, totals: Partial<WaitGroupStatus> = {}, metadata: Metadata = {}) => {
  const failure = { reason: 'WorkerFailed', message: 'disk full', at: '2026-01-02T03:04:05Z' };
  return group(counter, { outcome: 'Failed', failures: 1, failure, ...totals }, metadata);
};
const failedRound = { ...afterRound, failures: 1 };

/** The verdict after each event: its kind, how a group is gone, and what failed. */
function verdicts(events: readonly Event[], rule?: WaitRule): string {
  let state: WaitState | undefined;
  const says = events.map((event) => {
    const seen = observe(state, event, rule);
    state = seen.state;
    const { verdict } = seen;
    if (verdict.kind === 'failed') return `failed(${verdict.failure?.message ?? ''})`;
    return verdict.kind === 'gone' ? verdict.absence : verdict.kind;
  });
  return says.join(' ');
}

describe('observe', () => {
  it.each<[string, Event[], string]>([
    ['is done at once when the counter is zero', [listed(group(0))], 'done'],
    ['waits for the counter to fall', [listed(two), modified(group(1)), modified(group(0))], 'pending pending done'],
    ['does not take an earlier round for this one', [listed(group(1, afterRound))], 'pending'],
    ['is done when a round ended between two looks', [listed(two), modified(nextRound)], 'pending done'],
    ['is done when a list after a gap shows that a round ended', [listed(two), listed(nextRound)], 'pending done'],
    [
      'is done when a round ended after a restore had taken completions back',
      [listed(group(2, { completions: 3 })), listed(group(2)), modified(nextRound)],
      'pending pending done',
    ],
    ['goes on after a list that shows nothing new', [listed(two), listed(two)], 'pending pending'],
    ['ends when the group is deleted', [listed(two), deleted(two)], 'pending deleted'],
    ['ends when a list after a gap is empty', [listed(two), listed()], 'pending deleted'],
    ['ends when the group is being deleted', [listed(two), modified(group(2, {}, going))], 'pending deleted'],
    ['does not begin with a group that is being deleted', [listed(group(0, {}, going))], 'deleted'],
    ['is done when a deleted group shows the end', [listed(two), deleted(group(0, afterRound))], 'pending done'],
    ['ends when another group has taken the name', [listed(two), added(group(2, {}, second))], 'pending recreated'],
    ['even if that is done', [listed(two), added(group(0, afterRound, second))], 'pending recreated'],
    ['sees the replacement in a list after a gap', [listed(two), listed(group(2, {}, second))], 'pending recreated'],
    ['awaits a group that is not there', [listed(), listed(), added(group(1))], 'absent absent pending'],
    ['is done when the awaited group appears done', [listed(), added(group(1, afterRound))], 'absent done'],
    ['takes a group without status at its word', [listed(unwritten)], 'pending'],
  ])('%s', (_, events, expected) => {
    expect(verdicts(events)).toBe(expected);
  });

  const totals = (added: number, addedAtCompletion: number) => ({ added, completions: 1, addedAtCompletion });
  const zeroBeforeAll = [listed(group(0)), modified(group(1)), modified(group(0, totals(1, 1)))];
  it.each<[string, Event[], string]>([
    ['zero before the first add does not count', zeroBeforeAll, 'pending pending pending'],
    ['zero counts once so much was added', [listed(group(0)), modified(group(0, afterRound))], 'pending done'],
    ['zero counts at once when so much was added before', [listed(group(0, afterRound))], 'done'],
    ['a round with less does not count', [listed(group(1)), modified(group(1, totals(2, 1)))], 'pending pending'],
    ['a round with so much counts', [listed(group(1)), modified(group(1, totals(3, 2)))], 'pending done'],
  ])('with minAdded 2, %s', (_, events, expected) => {
    expect(verdicts(events, { minAdded: 2 })).toBe(expected);
  });

  const known = 'failed(disk full)';
  const twoAfterFailure = group(2, { failures: 1 });
  it.each<[string, Event[], string]>([
    ['ends as soon as the round fails', [listed(two), modified(failedAt(2))], `pending ${known}`],
    ['ends at once when the round has failed before', [listed(failedAt(1))], known],
    ['ends at once when the round that is over has failed', [listed(failedAt(0, afterRound))], known],
    [
      'ends when the round fails by its last done',
      [listed(two), modified(failedAt(0, afterRound))],
      `pending ${known}`,
    ],
    [
      'ends when the round failed and was over before it was seen, and the next one has begun',
      [listed(two), listed(group(3, failedRound))],
      'pending failed()',
    ],
    [
      'ends when a later round succeeded after it, too',
      [listed(two), listed(group(0, { added: 5, completions: 2, failures: 1, outcome: 'Succeeded' }))],
      'pending failed()',
    ],
    [
      'takes no earlier failure for its own',
      [listed(group(1, failedRound)), modified(group(1, failedRound))],
      'pending pending',
    ],
    [
      'is done when its round succeeded, and the next one has failed before it was seen',
      [listed(two), modified(failedAt(3, { added: 5, completions: 1, addedAtCompletion: 2 }))],
      'pending done',
    ],
    [
      'is not when two rounds have failed',
      [listed(two), modified(failedAt(3, { added: 5, completions: 1, addedAtCompletion: 2, failures: 2 }))],
      `pending ${known}`,
    ],
    [
      'is not when the next one is over, too',
      [listed(two), modified(failedAt(0, { added: 5, completions: 2, addedAtCompletion: 5 }))],
      `pending ${known}`,
    ],
    ['ends when a deleted group shows the failure', [listed(two), deleted(failedAt(2))], `pending ${known}`],
    [
      'ends when a group that is being deleted shows it',
      [listed(two), modified(failedAt(2, {}, going))],
      `pending ${known}`,
    ],
    ['does not begin with a failed group that is being deleted', [listed(failedAt(2, {}, going))], 'deleted'],
    [
      'ends when the awaited group appears after its failure',
      [listed(), added(group(1, failedRound))],
      'absent failed()',
    ],
    ['ignores the failure of another group', [listed(two), added(failedAt(2, {}, second))], 'pending recreated'],
    [
      'notices a failure after a restore had taken failures back',
      [listed(twoAfterFailure), listed(two), modified(group(3, failedRound))],
      'pending pending failed()',
    ],
  ])('%s', (_, events, expected) => {
    expect(verdicts(events)).toBe(expected);
  });

  const lessAtZero = failedAt(0, totals(1, 1));
  it.each<[string, Event[], string]>([
    ['a failed round with less that is over does not count', [listed(lessAtZero)], 'pending'],
    ['a failed round with less counts while it goes on', [listed(failedAt(1))], known],
    [
      'a failed round with less counts when it is over since the wait began',
      [listed(group(1)), modified(lessAtZero)],
      `pending ${known}`,
    ],
    ['a failed round with so much counts when it is over', [listed(failedAt(0, afterRound))], known],
    [
      'a round with less does not count before one that failed',
      [listed(group(1)), modified(failedAt(1, totals(2, 1)))],
      `pending ${known}`,
    ],
    [
      'a round with so much counts before one that failed',
      [listed(two), modified(failedAt(1, totals(3, 2)))],
      'pending done',
    ],
  ])('with minAdded 2, %s', (_, events, expected) => {
    expect(verdicts(events, { minAdded: 2 })).toBe(expected);
  });

  it.each<[string, Event[], string]>([
    [
      'waits until no work is outstanding',
      [listed(two), modified(failedAt(1)), modified(failedAt(0, afterRound))],
      'pending pending done',
    ],
    ['is done at once when the failed round is over', [listed(failedAt(0, afterRound))], 'done'],
    [
      'is done when the failed round was over before it was seen',
      [listed(two), listed(group(3, failedRound))],
      'pending done',
    ],
  ])('with ignoreFailure, %s', (_, events, expected) => {
    expect(verdicts(events, { ignoreFailure: true })).toBe(expected);
  });

  it('keeps the last observed state of the group when it is gone', () => {
    const { state } = observe(undefined, listed(group(2)));
    expect(observe(state, deleted(group(1))).state.lastStatus).toMatchObject({ counter: 1 });
    expect(observe(state, listed()).state.lastStatus).toMatchObject({ counter: 2 });
  });
});
