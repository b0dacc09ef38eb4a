import { applyDelta, foldWorkers, MAX_COUNTER, type WaitGroupStatus, type WaitGroupWorker } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, NOW } from '../wait-groups.ts';
import { buildGroup, buildRecord, buildRecords, fold, GROUP, type Tally } from '../workers.ts';

/** The group after an anonymous change of its counter. */
function count(group: ReturnType<typeof buildGroup>, delta: number) {
  const step = applyDelta(group.status ?? buildStatus(), delta, NOW);
  return step.ok ? buildGroup(step.status, group.spec) : expect.fail(step.rejection.reason);
}
const groupAt = (counter: number) => buildGroup(buildStatus({ counter, added: counter }));
const conditionOf = ({ conditions }: WaitGroupStatus, wanted: string) =>
  conditions?.find(({ type }) => type === wanted);

describe('the counter', () => {
  it.each<[number, Tally[], Partial<WaitGroupStatus>]>([
    [0, [[1, 0, 0, 'Active']], { counter: 1, added: 1, phase: 'Waiting', completions: 0 }],
    [0, [[0, 0, 0, 'Active']], { counter: 0, added: 0, phase: 'Done', completions: 0 }],
    [0, [[1, 1, 0, 'Done']], { counter: 0, added: 1, phase: 'Done', completions: 1, outcome: 'Succeeded' }],
    [
      2,
      [
        [1, 0, 0, 'Active'],
        [1, 1, 0, 'Done'],
      ],
      { counter: 3, added: 4, completions: 0 },
    ],
    [
      3,
      [
        [0, 0, 1, 'Done'],
        [0, 0, 1, 'Done'],
      ],
      { counter: 1, added: 3, completions: 0 },
    ],
    [
      2,
      [
        [0, 0, 1, 'Done'],
        [0, 0, 1, 'Done'],
      ],
      { counter: 0, completions: 1, addedAtCompletion: 2 },
    ],
    [
      1,
      [
        [3, 2, 1, 'Active'],
        [4, 4, 0, 'Lost'],
      ],
      { counter: 1, added: 8, completions: 0 },
    ],
  ])('of %d and the records %j', (counter, tallies, expected) => {
    const { status, lowersSum } = fold(groupAt(counter), buildRecords(tallies));
    expect(status).toMatchObject(expected);
    expect(lowersSum).toBe(false);
  });

  it('and the numbers of workers are those of the records of this WaitGroup alone', () => {
    const tallies: Tally[] = [
      [1, 0, 0, 'Active'],
      [0, 0, 1, 'Done'],
      [2, 2, 0, 'Failed'],
      [1, 1, 0, 'Lost'],
    ];
    const recreated = buildRecord({ waitGroupUid: 'uid-of-another', worker: 'x', added: 1 }, 9);
    const { status } = fold(groupAt(5), [...buildRecords(tallies), recreated], '12');
    const numbers = { active: 1, done: 1, failed: 1, lost: 1, added: 4, finished: 3, borrowed: 1 };
    expect(status.workers).toEqual({ ...numbers, revision: '12' });
    expect(status.counter).toBe(5);
  });

  it('changes by what has changed since the last fold, in one write', () => {
    const first = fold(
      groupAt(2),
      buildRecords([
        [1, 0, 0, 'Active'],
        [0, 0, 1, 'Done'],
      ]),
    ).group;
    const { status } = fold(
      first,
      buildRecords(
        [
          [2, 1, 0, 'Active'],
          [0, 0, 1, 'Done'],
          [1, 0, 0, 'Active'],
        ],
        9,
      ),
    );
    expect(status).toMatchObject({
      counter: 3,
      added: 5,
      workers: { active: 2, added: 3, finished: 1, revision: '9' },
    });
  });

  it('keeps the anonymous balance, however anonymous changes and folds alternate', () => {
    const first = count(
      fold(
        groupAt(2),
        buildRecords([
          [1, 0, 0, 'Active'],
          [0, 0, 1, 'Done'],
        ]),
      ).group,
      4,
    );
    const second = count(
      fold(
        first,
        buildRecords(
          [
            [1, 1, 0, 'Done'],
            [0, 0, 1, 'Done'],
          ],
          5,
        ),
      ).group,
      -3,
    );
    expect(second.status).toMatchObject({ counter: 2, workers: { added: 1, finished: 1, borrowed: 1 } });
    const { status } = fold(
      second,
      buildRecords(
        [
          [2, 1, 0, 'Active'],
          [0, 0, 2, 'Done'],
        ],
        8,
      ),
    );
    expect(status).toMatchObject({ counter: 2, added: 8, completions: 0 });
  });

  it('reaches zero once in a fold that begins and ends rounds', () => {
    const { status } = fold(
      groupAt(1),
      buildRecords([
        [3, 3, 0, 'Done'],
        [0, 0, 1, 'Done'],
      ]),
    );
    expect(status).toMatchObject({ counter: 0, added: 4, completions: 1, addedAtCompletion: 4 });
  });
});

describe('a fold of records', () => {
  const counted = fold(groupAt(1), buildRecords([[1, 0, 0, 'Active']], 5)).group;
  const records = buildRecords([[1, 0, 0, 'Active']], 5);
  const of = (all: readonly WaitGroupWorker[], revision: string, isQuorumList = false) =>
    foldWorkers(counted, { records: all, revision, isQuorumList }, NOW);

  it('that were counted writes nothing, be their list newer', () => {
    expect(of(records, '5')).toEqual({ kind: 'unchanged' });
    expect(of(records, '6')).toEqual({ kind: 'unchanged' });
    expect(of(records, '5', true)).toEqual({ kind: 'unchanged' });
  });

  it.each(['4', '0'])('of revision %s, older than what was counted, is stale', (revision) => {
    expect(of([], revision)).toEqual({ kind: 'stale' });
  });

  it.each([
    [9, '10', 'unchanged'],
    ['10000000000000000001', '9', 'stale'],
    ['10000000000000000001', '10000000000000000000', 'stale'],
  ])('compares revisions as numbers: after %s, %s is %s', (counted, revision, kind) => {
    const records = [buildRecord({ added: 1 }, counted)];
    const { group } = fold(groupAt(0), records, `${counted}`);
    expect(foldWorkers(group, { records, revision }, NOW)).toEqual({ kind });
  });

  it('of a restored API server, whose revisions are lower, counts from then on by those', () => {
    const { kind, ...folded } = of(buildRecords([[1, 1, 0, 'Done']], 3), '3', true);
    expect(folded).toMatchObject({ status: { counter: 1, workers: { finished: 1, revision: '3' } }, lowersSum: false });
    expect(
      of(
        records.map((record) => ({ ...record })),
        '4',
        true,
      ),
    ).toMatchObject({ status: { workers: { revision: '4' } } });
  });

  it('with equal sums from other records counts them: the revision says up to which', () => {
    const other = buildRecord({ worker: 'z', added: 1 }, 7);
    expect(of([other], '7')).toMatchObject({
      ...{ kind: 'folded', lowersSum: false },
      status: { counter: 2, added: 2, workers: { added: 1, revision: '7' } },
    });
  });

  it('with a record that changed without counting says so: an add that changed nothing awaits its revision', () => {
    expect(of(buildRecords([[1, 0, 0, 'Active']], 8), '8')).toMatchObject({ status: { workers: { revision: '8' } } });
  });

  it('keeps everything else of the status', () => {
    const operation = { id: 'op-1', delta: 1, by: 'x', at: '2026-01-02T03:04:05Z' };
    const status = { ...buildStatus({ counter: 1, added: 1, observedGeneration: 3 }), recentOperations: [operation] };
    const folded = fold(buildGroup({ ...status, startedAt: operation.at }), buildRecords([[1, 0, 0, 'Active']]));
    const kept = { recentOperations: [operation], observedGeneration: 3, startedAt: operation.at };
    expect(folded.status).toMatchObject(kept);
  });

  it('begins the status of a group that has none', () => {
    const group = buildGroup(undefined, { initialCount: 2 });
    expect(fold(group, buildRecords([[0, 0, 1, 'Done']])).status).toMatchObject({ counter: 1, added: 2 });
  });

  it('begins a round as an add does', () => {
    const at = '2026-01-02T03:30:00.000Z';
    const ended = buildStatus({ counter: 0, added: 1, completions: 1, completedAt: at, outcome: 'Succeeded' });
    const { status } = fold(buildGroup(ended), buildRecords([[1, 0, 0, 'Active']]));
    expect(status).toMatchObject({ counter: 1, phase: 'Waiting' });
    for (const field of ['completedAt', 'outcome']) expect(status).not.toHaveProperty(field);
    expect(conditionOf(status, 'Done')).toMatchObject({ status: 'False', reason: 'Outstanding' });
  });
});

describe('records that are gone without having been retired', () => {
  const tallies: Tally[] = [
    [1, 0, 0, 'Active'],
    [2, 2, 0, 'Done'],
    [0, 0, 1, 'Done'],
    [0, 0, 0, 'Active'],
  ];
  const { group } = fold(groupAt(3), buildRecords(tallies));

  it.each<[number, number]>([
    [0, 2],
    [1, 3],
    [2, 4],
    [3, 3],
  ])('number %d: the sum is lower, and the counter without its work is %d', (missing, counter) => {
    const left = buildRecords(tallies).filter((_, index) => index !== missing);
    const { status, lowersSum } = fold(group, left, '9');
    expect(lowersSum).toBe(true);
    expect(status).toMatchObject({ counter, completions: 0 });
  });

  it.each<[string, number, Tally]>([
    ['added', 0, [0, 0, 0, 'Active']],
    ['finished', 1, [2, 1, 0, 'Active']],
    ['borrowed', 2, [0, 0, 0, 'Active']],
  ])('and recreated, with less %s', (_name, index, tally) => {
    expect(fold(group, buildRecords(tallies.with(index, tally), 9)).lowersSum).toBe(true);
  });

  it('all of them: the anonymous balance is left', () => {
    expect(fold(group, [], '9')).toMatchObject({ lowersSum: true, status: { counter: 3, workers: { added: 0 } } });
  });
});

describe('more finished work of others than there is', () => {
  const [debt] = [
    buildRecords([
      [0, 0, 2, 'Done'],
      [0, 0, 1, 'Failed'],
      [1, 0, 0, 'Active'],
    ]),
  ];
  const overrun = fold(groupAt(1), debt);

  it('is counted as far as the anonymous balance goes, and never against the work of workers', () => {
    expect(overrun.status).toMatchObject({ counter: 1, workers: { borrowed: 1, added: 1, finished: 0 } });
  });

  it('is the condition Overrun, which names the workers', () => {
    expect(conditionOf(overrun.status, 'Overrun')).toMatchObject({
      ...{ status: 'True', reason: 'DoneWithoutAdd', lastTransitionTime: '2026-01-02T04:00:00Z' },
      message: 'Workers marked 2 more done than were added, among them a, b',
    });
  });

  it('writes nothing more while nothing changes', () => {
    expect(foldWorkers(overrun.group, { records: debt, revision: '9' }, NOW)).toEqual({ kind: 'unchanged' });
  });

  it('is counted as adds make room, and then Overrun is absent', () => {
    const partly = fold(count(overrun.group, 1), debt);
    expect(partly.status).toMatchObject({ counter: 1, workers: { borrowed: 2 }, completions: 0 });
    expect(conditionOf(partly.status, 'Overrun')?.message).toMatch(/^Workers marked 1 more /);
    const settled = fold(count(partly.group, 3), debt);
    expect(settled.status).toMatchObject({ counter: 3, workers: { borrowed: 3 } });
    expect(conditionOf(settled.status, 'Overrun')).toBeUndefined();
    expect(settled.lowersSum).toBe(false);
  });

  it('keeps the time since when it is so, and a message that the CRD accepts', () => {
    const many = Array.from({ length: 90 }, (_, index) =>
      buildRecord({ worker: `w${index}`, borrowed: 1, state: 'Done' }, 9),
    );
    const later = { ...overrun.group, status: { ...overrun.status } };
    const folded = foldWorkers(later, { records: [...debt, ...many], revision: '9' }, new Date('2027-01-01T00:00:00Z'));
    if (folded.kind !== 'folded') expect.fail(folded.kind);
    const condition = conditionOf(folded.status, 'Overrun');
    expect(condition?.lastTransitionTime).toBe('2026-01-02T04:00:00Z');
    expect(condition?.message).toHaveLength(256);
  });
});

describe('at the maximum of the counter', () => {
  const full = buildStatus({ counter: MAX_COUNTER, added: 5 });

  it('an add is not counted until there is room', () => {
    const records = buildRecords([[1, 0, 0, 'Active']]);
    expect(foldWorkers(buildGroup(full), { records, revision: '1' }, NOW)).toEqual({ kind: 'unchanged' });
    expect(fold(count(buildGroup(full), -1), records).status.counter).toBe(MAX_COUNTER);
  });

  it('adds and dones are counted where they leave room for each other', () => {
    const { status } = fold(
      buildGroup(full),
      buildRecords([
        [1, 0, 0, 'Active'],
        [0, 0, 1, 'Done'],
      ]),
    );
    expect(status).toMatchObject({ counter: MAX_COUNTER, workers: { added: 1, borrowed: 1 } });
  });
});

describe('a failed worker', () => {
  const failed = { state: 'Failed', reason: 'DiskFull', message: 'no space left' } as const;
  const failure = { reason: 'DiskFull', message: 'no space left', worker: 'a' };

  it.each([
    ['with others at work', 2, { counter: 1, outcome: 'Failed', failures: 1, failure, completions: 0 }],
    ['as the last one', 1, { counter: 0, outcome: 'Failed', failures: 1, failure, completions: 1 }],
  ])('fails the round %s', (_name, counter, expected) => {
    const { status } = fold(groupAt(counter), [buildRecord({ ...failed, borrowed: 1 }, 4)]);
    expect(status).toMatchObject(expected);
    expect(conditionOf(status, 'Failed')).toMatchObject({ status: 'True', reason: 'DiskFull' });
  });

  it('fails the round that its own add began', () => {
    const { status } = fold(groupAt(0), [buildRecord({ ...failed, added: 1, done: 1 }, 4)]);
    expect(status).toMatchObject({ counter: 0, added: 1, outcome: 'Failed', failures: 1, completions: 1 });
  });

  it('fails one round only: the next one is undecided, whatever is folded', () => {
    const records = [buildRecord({ ...failed, added: 1, done: 1 }, 4)];
    const next = count(fold(groupAt(0), records).group, 1);
    const { status } = fold(next, [...records, buildRecord({ worker: 'b', added: 1 }, 5)]);
    expect(status).toMatchObject({ counter: 2, failures: 1 });
    expect(status).not.toHaveProperty('outcome');
  });

  it('that was first counts, not one that failed later', () => {
    const later = buildRecord({ ...failed, worker: 'b', borrowed: 1, message: 'later' }, 10);
    const { status } = fold(groupAt(3), [later, buildRecord({ ...failed, borrowed: 1 }, 9)]);
    expect(status).toMatchObject({ failure, failures: 1 });
  });

  it('without words has a reason and a message', () => {
    const { status } = fold(groupAt(2), [buildRecord({ state: 'Failed', borrowed: 1 }, 4)]);
    expect(status.failure).toMatchObject({ reason: 'WorkerFailed', message: 'The worker failed.', worker: 'a' });
  });

  it('whose work nobody has added fails the round in which it is added', () => {
    const records = [buildRecord({ ...failed, borrowed: 1 }, 4)];
    const before = fold(groupAt(0), records);
    expect(before.status).toMatchObject({ counter: 0, phase: 'Done' });
    expect(before.status).not.toHaveProperty('outcome');
    const { status } = fold(count(before.group, 1), records);
    expect(status).toMatchObject({ counter: 0, completions: 1, outcome: 'Failed', failure, failures: 1 });
  });

  it('of an earlier round, whose work is added now, does not fail this round', () => {
    const records = [buildRecord({ ...failed, borrowed: 2 }, 4)];
    const first = fold(groupAt(1), records);
    expect(first.status).toMatchObject({ outcome: 'Failed', completions: 1, workers: { borrowed: 1 } });
    const { status } = fold(count(first.group, 1), records);
    expect(status).toMatchObject({ outcome: 'Succeeded', completions: 2, failures: 1 });
  });
});

describe('a lost worker', () => {
  const lost = buildRecord({ state: 'Lost', added: 1, done: 1, reason: 'PodDeleted', message: 'its pod is gone' }, 4);
  const waiting = buildStatus({ counter: 1, added: 1 });

  it.each([undefined, 'Keep', 'Release'] as const)('fails no round under the policy %s', (workerPolicy) => {
    const { status } = fold(buildGroup(waiting, workerPolicy && { workerPolicy }), [lost]);
    expect(status).toMatchObject({ counter: 1, workers: { lost: 1 } });
    expect(status).not.toHaveProperty('outcome');
  });

  it('fails the round under the policy Fail', () => {
    const { status } = fold(buildGroup(waiting, { workerPolicy: 'Fail' }), [lost]);
    const failure = { reason: 'WorkerLost', message: 'its pod is gone', worker: 'a' };
    expect(status).toMatchObject({ counter: 1, outcome: 'Failed', failure });
  });

  it('that was counted before fails no round', () => {
    const group = fold(buildGroup(waiting), [lost]).group;
    const changed = buildGroup(group.status, { workerPolicy: 'Fail' });
    const { status } = fold(changed, [lost, buildRecord({ worker: 'b', added: 1 }, 5)]);
    expect(status).not.toHaveProperty('outcome');
  });
});

it('ignores a record of another WaitGroup that had the name', () => {
  const old = buildRecord({ waitGroupUid: `${GROUP.uid}-old`, added: 1 }, 4);
  expect(foldWorkers(groupAt(1), { records: [old], revision: '4' }, NOW)).toEqual({ kind: 'unchanged' });
});
