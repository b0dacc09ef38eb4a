import { ConflictError, ForbiddenError, NotFoundError } from '@konductor/client';
import { type CountedWorker, Retirement } from '@konductor/operator';
import type { RetiringWorker, WaitGroup } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, NOW } from '../../schema/wait-groups.ts';
import { buildWorker } from '../pods/workers.ts';

const workers = { active: 0, done: 0, failed: 0, lost: 0, added: 0, finished: 0, borrowed: 0, revision: '9' };
const groupWith = (finished: number, retiring: RetiringWorker[] = []): WaitGroup =>
  buildWaitGroup({ status: buildStatus({ workers: { ...workers, done: finished, retiring } }) });
const finishedWorkers = (count: number): CountedWorker[] =>
  Array.from({ length: count }, (_, index) => buildWorker({ state: 'Done', done: 1 }, `worker-${index}`));
const uidsOf = (records: readonly CountedWorker[]) => records.map(({ metadata }) => metadata.uid);

/** Retirement of these records, in a namespace whose pods are these; its clock stands still. */
function startRetirement(records: readonly CountedWorker[], failures: readonly Error[] = []) {
  const state = { ms: 0, looks: 0, jobLooks: 0, records, pods: new Set<string>(), deleted: [] as string[], retired: 0 };
  const left = [...failures];
  const retirement = new Retirement({
    cache: { recordsOf: () => ({ records: state.records, revision: '9' }) },
    live: {
      podUids: async () => {
        state.looks++;
        return state.pods;
      },
      jobUids: async () => {
        state.jobLooks++;
        return new Set();
      },
      deleteRecord: async (_namespace, { name }) => {
        const failure = left.shift();
        if (failure) throw failure;
        state.deleted.push(name);
      },
    },
    onRetired: () => state.retired++,
    monotonicMs: () => state.ms,
  });
  return { state, retirement };
}

it('chooses no record while fewer than 16 are beyond the 64 that are kept', async () => {
  const { state, retirement } = startRetirement(finishedWorkers(79));
  await retirement.look(groupWith(79), NOW);
  expect([state.looks, retirement.choose(groupWith(79), state.records)]).toEqual([0, []]);
  expect(retirement.requeueAfterMs(groupWith(79))).toBeUndefined();
});

it('chooses those beyond 64 whose pods are gone, unless they have changed since', async () => {
  const { state, retirement } = startRetirement(finishedWorkers(80));
  await retirement.look(groupWith(80), NOW);
  expect(retirement.choose(groupWith(80), state.records)).toEqual(state.records.slice(0, 16));
  const changed = state.records.map(({ metadata, ...record }) => ({
    ...record,
    metadata: { ...metadata, resourceVersion: '10' },
  }));
  expect(retirement.choose(groupWith(80), changed)).toEqual([]);
});

it('lists the pods again at once when it has found enough for a write, else a minute later', async () => {
  const { state, retirement } = startRetirement(finishedWorkers(100));
  await retirement.look(groupWith(100), NOW);
  await retirement.look(groupWith(100), NOW);
  expect(state.looks).toBe(1);
  state.records = finishedWorkers(110).slice(100);
  await retirement.look(groupWith(90), NOW);
  expect(uidsOf(retirement.choose(groupWith(90), state.records))).toHaveLength(10);
  state.records = finishedWorkers(120).slice(110);
  await retirement.look(groupWith(90), NOW);
  expect(state.looks).toBe(2);
  state.ms += 60_000;
  await retirement.look(groupWith(90), NOW);
  expect(state.looks).toBe(3);
});

it('asks to look again in a minute while it finds records, in ten if it found none', async () => {
  const { state, retirement } = startRetirement(finishedWorkers(80));
  await retirement.look(groupWith(80), NOW);
  expect(retirement.requeueAfterMs(groupWith(80))).toBe(60_000);
  retirement.forget('uid-1');
  state.pods.add('pod-1');
  await retirement.look(groupWith(80), NOW);
  expect(retirement.requeueAfterMs(groupWith(80))).toBe(600_000);
});

const entryOf = ({ metadata, spec: { added, done, borrowed } }: CountedWorker): RetiringWorker => {
  const { name, uid = '', resourceVersion = '' } = metadata;
  return { name, uid, resourceVersion, added, done, borrowed };
};

it('deletes what is out of the sums and still in the state in which it was taken out', async () => {
  const { state, retirement } = startRetirement(finishedWorkers(9));
  const retiring = finishedWorkers(12).map(entryOf);
  const [first, ...others] = retiring.map((entry, index) => (index === 0 ? { ...entry, resourceVersion: '8' } : entry));
  await retirement.deleteRetiring(groupWith(80, first ? [first, ...others] : []));
  expect(state.deleted.toSorted()).toEqual(
    finishedWorkers(9)
      .slice(1)
      .map(({ metadata }) => metadata.name),
  );
  expect(state.retired).toBe(8);
});

it.each([
  ['a record that has changed', new ConflictError(409, {}), 'resolves'],
  ['a record that is gone', new NotFoundError(404, {}), 'resolves'],
  ['a denied deletion', new ForbiddenError(403, {}), 'rejects'],
] as const)('at %s, %s', async (_what, failure, outcome) => {
  const { state, retirement } = startRetirement(finishedWorkers(1), [failure]);
  const deleting = retirement.deleteRetiring(groupWith(80, finishedWorkers(1).map(entryOf)));
  if (outcome === 'rejects') await expect(deleting).rejects.toBe(failure);
  else await deleting;
  expect(state.retired).toBe(0);
});

it('lists the pods, or the Jobs, only if records name some', async () => {
  const { state, retirement } = startRetirement(
    finishedWorkers(80).map(({ spec: { pod: _, ...spec }, ...record }) => ({
      ...record,
      spec: { ...spec, job: { name: 'nightly', uid: 'job-1' } },
    })),
  );
  await retirement.look(groupWith(80), NOW);
  expect([state.looks, state.jobLooks]).toEqual([0, 1]);
  expect(retirement.choose(groupWith(80), state.records)).toHaveLength(16);
});
