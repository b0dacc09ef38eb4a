import { foldWorkers, MAX_RETIRING, retireWorkers, type WaitGroupWorker } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { buildStatus, deepFreeze, NOW } from '../wait-groups.ts';
import { buildGroup, buildRecord, buildRecords, fold, type Tally } from '../workers.ts';

const tallies: Tally[] = [
  [1, 0, 0, 'Active'],
  [2, 2, 0, 'Done'],
  [1, 1, 1, 'Failed'],
  [0, 0, 1, 'Lost'],
];
const records = buildRecords(tallies);
const [active, ...ended] = records as [WaitGroupWorker, ...WaitGroupWorker[]];
const counted = fold(buildGroup(buildStatus({ counter: 5, added: 5 })), records).group;
const status = counted.status ?? expect.fail('no status');
const retired = deepFreeze(retireWorkers(status, ended));
const retiring = buildGroup(retired);

describe('retiring records', () => {
  it('takes them out of the sums and into the list, and leaves everything else', () => {
    const { workers, ...rest } = retired;
    expect(rest).toEqual({ ...status, workers: undefined });
    const numbers = { active: 1, done: 0, failed: 0, lost: 0, added: 1, finished: 0, borrowed: 0, revision: '4' };
    expect(workers).toEqual({
      ...numbers,
      retiring: ended.map(({ metadata, spec: { added, done, borrowed } }) => ({ ...metadata, added, done, borrowed })),
    });
  });

  it('is not repeated for a record in the list', () => {
    expect(retireWorkers(retired, ended)).toBe(retired);
  });

  it('stops when the list is full', () => {
    const many = Array.from({ length: 20 }, (_, at) =>
      buildRecord({ worker: `w${at}`, borrowed: 1, state: 'Done' }, 9),
    );
    const { group } = fold(buildGroup(buildStatus({ counter: 30, added: 30 })), many);
    const first = retireWorkers(group.status ?? expect.fail(), many.slice(0, 3));
    const full = retireWorkers(first, many);
    expect(full.workers).toMatchObject({ done: 20 - MAX_RETIRING, borrowed: 20 - MAX_RETIRING });
    expect(full.workers?.retiring?.map(({ uid }) => uid)).toEqual(
      many.slice(0, 16).map(({ metadata }) => metadata.uid),
    );
    expect(retireWorkers(full, many)).toBe(full);
  });

  it('waits while finished work awaits an add', () => {
    const { group } = fold(buildGroup(buildStatus({ counter: 1, added: 1 })), records);
    expect(retireWorkers(group.status ?? expect.fail(), ended)).toBe(group.status);
  });

  it('changes nothing in a group whose workers were never counted', () => {
    const unfolded = buildStatus();
    expect(retireWorkers(unfolded, ended)).toBe(unfolded);
  });
});

describe('the next fold', () => {
  it('writes nothing while the records are as they were', () => {
    expect(foldWorkers(retiring, { records, revision: '4' }, NOW)).toEqual({ kind: 'unchanged' });
    expect(foldWorkers(retiring, { records, revision: '9' }, NOW)).toEqual({ kind: 'unchanged' });
  });

  it('drops entries whose record is gone; that is no loss, and the counter stays', () => {
    const folded = fold(retiring, [active, ended[1] as WaitGroupWorker], '9');
    expect(folded.lowersSum).toBe(false);
    expect(folded.status.workers).toMatchObject({ added: 1, finished: 0, borrowed: 0, revision: '9' });
    expect(folded.status.workers?.retiring).toHaveLength(1);
    expect(folded.status).toMatchObject({ counter: status.counter, added: status.added });
    const empty = fold(retiring, [active], '9').status;
    expect(empty.workers).not.toHaveProperty('retiring');
  });

  it('counts a record that has changed meanwhile in the same write: an add does not return uncounted', () => {
    const again = buildRecord({ worker: 'b', added: 3, done: 2, state: 'Active' }, 9);
    const folded = fold(retiring, [active, again, ...ended.slice(1)]);
    expect(folded.lowersSum).toBe(false);
    expect(folded.status).toMatchObject({ counter: (status.counter ?? 0) + 1, added: (status.added ?? 0) + 1 });
    expect(folded.status.workers).toMatchObject({ active: 2, added: 4, finished: 2, borrowed: 0, revision: '9' });
    expect(folded.status.workers?.retiring).toHaveLength(2);
  });

  it('counts one that has changed nothing but its version once, be it borrowed work', () => {
    const touched = buildRecord({ worker: 'c', added: 1, done: 1, borrowed: 1, state: 'Failed' }, 9);
    const folded = fold(retiring, [active, touched]);
    expect(folded.status).toMatchObject({ counter: status.counter, added: status.added });
    expect(folded.status.workers).toMatchObject({ failed: 1, added: 2, finished: 1, borrowed: 1 });
  });

  it('counts a record of the same name that was created after the deletion as a new one', () => {
    const recreated = buildRecord({ worker: 'b', added: 1 }, 9);
    const renewed = { ...recreated, metadata: { ...recreated.metadata, uid: 'uid-new' } };
    const folded = fold(retiring, [active, renewed, ...ended.slice(1)]);
    expect(folded.status.counter).toBe(status.counter + 1);
    expect(folded.status.workers).toMatchObject({ added: 2, active: 2 });
  });

  it('still notices a record that is gone without having been retired', () => {
    expect(fold(retiring, ended, '9').lowersSum).toBe(true);
    const again = buildRecord({ worker: 'b', added: 3, done: 2, state: 'Active' }, 9);
    expect(fold(retiring, [again, ...ended.slice(1)]).lowersSum).toBe(true);
  });
});
