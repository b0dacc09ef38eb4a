import { WaitGroupOperator } from '@konductor/operator';
import { expect, it } from 'vitest';
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
const group = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { ...essential, ...arbitrary } };

it('caches only the metadata that it needs, and lists in small pages', async () => {
  await using server = await startFakeApiServer(({ method }) => (method === 'GET' ? listOf([group], '10') : {}));
  const { logger } = captureLog();
  const operator = new WaitGroupOperator({ transport: server.transport, logger, instance: 'test' });
  await operator.start();
  const write = await eventually('the write', () => server.requests.find(({ method }) => method === 'PUT'));
  await operator.stop();
  expect(server.requests[0]?.query.limit).toBe('100');
  expect(write.body).toMatchObject({ metadata: essential, status: { counter: 0 } });
  expect(Object.keys((write.body as typeof group).metadata).sort()).toEqual(Object.keys(essential).sort());
});
