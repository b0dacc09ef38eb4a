import { LiveChecks, WorkerFolds } from '@konductor/operator';
import type { WaitGroup, WaitGroupWorker } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup, NOW } from '../../schema/wait-groups.ts';
import { captureLog } from '../captured-logger.ts';
import { type FakeRequest, type FakeResponse, rejection, startFakeApiServer } from '../fake-api-server.ts';
import { buildWorker } from '../pods/workers.ts';

const counted = { active: 1, done: 0, failed: 0, lost: 0, added: 1, finished: 0, borrowed: 0, revision: '9' };
/** Counts one Active worker, whose record has the resourceVersion 9. */
const waiting = buildWaitGroup({ status: buildStatus({ counter: 1, added: 1, workers: counted }) });
const GROUP = '/apis/konductor.io/v1/namespaces/jobs/waitgroups/batch';
const NAMESPACE = '/api/v1/namespaces/jobs';

interface Cached {
  readonly records: WaitGroupWorker[];
  revision: string;
}

/** Folds of these records; every live read finds the WaitGroup and its namespace, unless the test says otherwise. */
async function withFolds(
  cached: Cached,
  run: (
    folds: WorkerFolds,
    observed: { lists: number; requests: readonly FakeRequest[]; warnings: () => number },
  ) => Promise<void>,
  respond: (request: FakeRequest) => FakeResponse | undefined = () => undefined,
) {
  await using server = await startFakeApiServer(
    (request) => respond(request) ?? { body: request.path === GROUP ? waiting : { metadata: { name: 'jobs' } } },
  );
  const { logger, lines } = captureLog();
  const observed = { lists: 0, requests: server.requests, warnings: () => lines.length };
  const cache = { recordsOf: () => cached };
  const observer = { onStaleList: () => observed.lists++ };
  const live = new LiveChecks(server.transport);
  await run(new WorkerFolds({ cache, live, logger, observer }), observed);
}

const isLive = ({ path }: FakeRequest) => path === GROUP || path === NAMESPACE;

it('folds what the cache has, without a request', async () => {
  await withFolds(
    { records: [buildWorker({ state: 'Done', done: 1 })], revision: '12' },
    async (folds, { requests }) => {
      const fold = await folds.fold(waiting, NOW);
      expect(fold).toMatchObject({ kind: 'folded', status: { counter: 0, completions: 1 } });
      expect(requests).toEqual([]);
    },
  );
});

it('waits after each fold, and no longer after one that was not written', async () => {
  await withFolds({ records: [buildWorker()], revision: '12' }, async (folds) => {
    expect((await folds.fold(waiting, NOW)).kind).toBe('unchanged');
    expect((await folds.fold(waiting, NOW)).kind).toBe('unchanged');
    folds.onWritten(waiting);
    const fold = await folds.fold(waiting, NOW);
    expect(fold).toMatchObject({ kind: 'wait', requeueAfterMs: expect.any(Number) });
  });
});

it.each<[string, (request: FakeRequest) => FakeResponse | undefined, string]>([
  ['folds when a record is gone that nothing else explains', () => undefined, 'folded'],
  ['folds nothing when the WaitGroup is gone', at(GROUP, rejection(404, 'NotFound')), 'unchanged'],
  [
    'folds nothing when it was recreated',
    at(GROUP, { body: { metadata: { name: 'batch', uid: 'uid-2' } } }),
    'unchanged',
  ],
  ['folds nothing while it is being deleted', at(GROUP, { body: beingDeleted(waiting) }), 'unchanged'],
  [
    'folds nothing while its namespace is being deleted',
    at(NAMESPACE, { body: beingDeleted({ metadata: {} }) }),
    'unchanged',
  ],
])('%s', async (_what, respond, expected) => {
  await withFolds(
    { records: [], revision: '12' },
    async (folds, { requests }) => {
      expect((await folds.fold(waiting, NOW)).kind).toBe(expected);
      expect(requests.filter(isLive)).toHaveLength(2);
    },
    respond,
  );
});

function at(path: string, response: FakeResponse) {
  return (request: FakeRequest) => (request.path === path ? response : undefined);
}

function beingDeleted({ metadata, ...object }: { metadata: object }): object {
  return { ...object, metadata: { ...metadata, deletionTimestamp: '2026-01-02T04:00:00Z' } };
}

it('asks for nothing about a WaitGroup that is being deleted', async () => {
  await withFolds({ records: [], revision: '12' }, async (folds, { requests }) => {
    expect((await folds.fold(beingDeleted(waiting) as WaitGroup, NOW)).kind).toBe('unchanged');
    expect(requests).toEqual([]);
  });
});

it('waits for a stale cache first', async () => {
  const cached = { records: [] as WaitGroupWorker[], revision: '8' };
  await withFolds(cached, async (folds, observed) => {
    expect((await folds.fold(waiting, NOW)).kind).toBe('wait');
    cached.records.push(buildWorker({ state: 'Done', done: 1 }));
    cached.revision = '12';
    expect((await folds.fold(waiting, NOW)).kind).toBe('folded');
    expect(observed).toMatchObject({ lists: 0, requests: [] });
  });
});

it('counts workers although retiring others fails, with a warning', async () => {
  const status = buildStatus({ counter: 1, added: 100, workers: { ...counted, done: 80 } });
  const group = buildWaitGroup({ status });
  const records = [buildWorker({ state: 'Done', done: 1 })];
  await withFolds(
    { records, revision: '12' },
    async (folds, { warnings }) => {
      expect((await folds.fold(group, NOW)).kind).toBe('folded');
      expect(warnings()).toBe(1);
    },
    ({ path }) => (path.endsWith('/pods') ? rejection(403, 'Forbidden') : undefined),
  );
});
