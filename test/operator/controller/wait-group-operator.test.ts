import { WaitGroupOperator } from '@konductor/operator';
import { annotateOperation, initialStatus, type WaitGroup } from '@konductor/schema';
import { expect, it } from 'vitest';
import { buildStatus, buildWaitGroup } from '../../schema/wait-groups.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import { listOf, startFakeApiServer } from '../fake-api-server.ts';

const essential = {
  name: 'group',
  namespace: 'jobs',
  uid: '1',
  resourceVersion: '5',
  generation: 1,
  creationTimestamp: '2026-01-02T03:04:05Z',
};
/** Every user who can create WaitGroups can set a megabyte of these. */
const arbitrary = {
  labels: { app: 'a' },
  annotations: { note: 'b' },
  finalizers: ['example.com/hold'],
  ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'pod', uid: '2' }],
  managedFields: [{ manager: 'koncli' }],
};
const metadata = { ...essential, ...arbitrary };
const group: WaitGroup = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata };

const GROUPS = '/apis/konductor.io/v1/waitgroups';

/** The requests of an operator that finds this one group, up to its first write. */
async function firstWriteFor(found: WaitGroup) {
  await using server = await startFakeApiServer(({ method, path }) =>
    method === 'GET' ? listOf(path === GROUPS ? [found] : [], '10') : {},
  );
  const { logger } = captureLog();
  const operator = new WaitGroupOperator({ transport: server.transport, logger, instance: 'test' });
  await operator.start();
  const write = await eventually('the write', () => server.requests.find(({ method }) => method === 'PUT'));
  await operator.stop();
  return { list: server.requests.find(({ path }) => path === GROUPS), written: write.body as WaitGroup };
}

it('caches only the metadata that it needs, and lists in small pages', async () => {
  const { list, written } = await firstWriteFor(group);
  expect(list?.query.limit).toBe('100');
  expect(written).toMatchObject({ metadata: essential, status: { counter: 0 } });
  expect(Object.keys(written.metadata).sort()).toEqual(Object.keys(essential).sort());
});

it('records the operation that created a WaitGroup, as far as its annotations are valid', async () => {
  const creation = annotateOperation({ id: 'op-0', by: 'x'.repeat(9_999) });
  const annotations = { ...metadata.annotations, ...creation };
  const created = { ...group, metadata: { ...metadata, annotations }, spec: { initialCount: 2 } };
  const { written } = await firstWriteFor(created);
  expect(written.metadata.annotations).toEqual(annotateOperation({ id: 'op-0', by: '' }));
  expect(written.status).toEqual({ ...initialStatus(created), observedGeneration: 1 });
  expect(written.status?.recentOperations).toMatchObject([{ id: 'op-0', delta: 2 }]);
});

it('does not cache those annotations once there is a status', async () => {
  const annotations = annotateOperation({ id: 'op-0', by: 'worker' });
  const status = { counter: 2, phase: 'Waiting' as const };
  const { written } = await firstWriteFor({ ...group, metadata: { ...metadata, annotations }, status });
  expect(Object.keys(written.metadata).sort()).toEqual(Object.keys(essential).sort());
});

it('judges a deadline that another leader has started by the time that it recorded', async () => {
  const spec = { deadline: '1h' };
  const waiting = buildStatus({ counter: 1, added: 1, observedGeneration: 1 });
  const list = listOf([{ ...buildWaitGroup({ spec, status: waiting }) }], '10');
  await using server = await startFakeApiServer(({ method, path, body }) => {
    if (method !== 'GET') return { body: body as object };
    return path === GROUPS ? list : listOf([], '10');
  });
  const { transport } = server;
  let isActive = true;
  const { logger, lines } = captureLog();
  const operator = new WaitGroupOperator({ transport, logger, instance: 'test', isActive: () => isActive });
  await operator.start();
  const writes = () => server.requests.filter(({ method }) => method === 'PUT');
  await eventually('the start', () => writes().length === 1);
  // On standby, it reconciles nothing: it does not observe the start that the next leader records.
  isActive = false;
  const watch = await eventually('the watch', () => server.watches.find(({ path }) => path === GROUPS));
  const status = { ...waiting, startedAt: new Date(Date.now() - 7_200_000).toISOString() };
  watch.send('MODIFIED', buildWaitGroup({ metadata: { resourceVersion: '11' }, spec, status }));
  watch.send(
    'ADDED',
    buildWaitGroup({ metadata: { name: 'next', uid: 'uid-2', resourceVersion: '12' }, status: waiting }),
  );
  await eventually('both changes in the cache', () => operator.phases().Waiting === 2);
  isActive = true;
  operator.resync();
  const isFailure = ({ body }: { body: unknown }) => (body as WaitGroup).status?.outcome === 'Failed';
  const write = await eventually('the failure', () => writes().find(isFailure));
  await operator.stop();
  expect(write.body).toMatchObject({ status: { startedAt: status.startedAt, failures: 1 } });
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([]);
});

it('reports every state of a WaitGroup that the watch delivers, and knows it by its name', async () => {
  await using server = await startFakeApiServer(({ path }) => listOf(path === GROUPS ? [group] : [], '10'));
  const { logger } = captureLog();
  const states: (string | undefined)[][] = [];
  const operator = new WaitGroupOperator({
    ...{ transport: server.transport, logger, instance: 'test', isActive: () => false },
    onWaitGroup: (...pair) => states.push(pair.map((object) => object?.metadata.resourceVersion)),
  });
  await operator.start();
  const watch = await eventually('the watch', () => server.watches.find(({ path }) => path === GROUPS));
  expect(operator.waitGroupNamed('jobs', 'group')?.metadata.uid).toBe('1');
  const recreated = { ...group, metadata: { ...metadata, uid: '2', resourceVersion: '13' } };
  watch.send('MODIFIED', { ...group, metadata: { ...metadata, resourceVersion: '11' } });
  watch.send('DELETED', { ...group, metadata: { ...metadata, resourceVersion: '12' } });
  watch.send('ADDED', recreated);
  await eventually('all states', () => states.length >= 4);
  expect(states).toEqual([
    ['5', undefined],
    ['11', '5'],
    [undefined, '11'],
    ['13', undefined],
  ]);
  expect(operator.waitGroupNamed('jobs', 'group')?.metadata.uid).toBe('2');
  watch.send('DELETED', recreated);
  await eventually('the deletion', () => states.length >= 5);
  expect(operator.waitGroupNamed('jobs', 'group')).toBeUndefined();
  await operator.stop();
});
