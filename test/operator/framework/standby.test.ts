import { type ResourceEvent, ResourceEventType } from '@konductor/operator';
import { expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import { listOf, startFakeApiServer } from '../fake-api-server.ts';
import { OneResourceOperator, object } from './one-resource-operator.ts';

/** An operator that may handle nothing until `lead()`, on a server that has one object. */
async function startStandby() {
  const server = await startFakeApiServer(() => listOf([object('a', '1', '5')], '10'));
  const state = { mayHandle: false, synced: 0 };
  const operator = new OneResourceOperator({
    transport: server.transport,
    logger: captureLog().logger,
    fieldManager: 'test',
    mayHandle: () => state.mayHandle,
    onSynced: () => state.synced++,
  });
  const told: string[] = [];
  operator.onEvent = async ({ type, meta }: ResourceEvent) => void told.push(`${type} ${meta.name}`);
  await operator.start();
  const watch = await eventually(() => server.watches[0], { what: 'the watch' });
  const lead = () => {
    state.mayHandle = true;
    operator.handleAll();
  };
  const stop = async () => {
    await operator.stop();
    await server[Symbol.asyncDispose]();
  };
  return { operator, watch, state, told, lead, [Symbol.asyncDispose]: stop };
}
const { Added, Deleted } = ResourceEventType;

it('fills its cache, says once that it is complete, and queues nothing', async () => {
  await using standby = await startStandby();
  expect(standby.operator.hasSynced).toBe(true);
  standby.watch.send('ADDED', object('b', '2', '11'));
  await eventually(() => standby.operator.names().includes('b'), { what: 'b in the cache' });
  expect(standby.operator.names()).toEqual(['a', 'b']);
  expect([standby.state.synced, standby.operator.queueDepth, standby.told]).toEqual([1, 0, []]);
});

it('handles what is there once it leads, and what changes from then on; not what was gone before', async () => {
  await using standby = await startStandby();
  standby.watch.send('ADDED', object('b', '2', '11'));
  standby.watch.send('DELETED', object('a', '1', '12'));
  await eventually(() => !standby.operator.names().includes('a'), { what: 'the end of a' });
  standby.lead();
  await eventually(() => standby.told.length > 0, { what: 'the first event' });
  standby.watch.send('DELETED', object('b', '2', '13'));
  await eventually(() => standby.told.length > 1, { what: 'the second event' });
  expect(standby.told).toEqual([`${Added} b`, `${Deleted} b`]);
});

it('handles nothing that is queued already when it leads no more', async () => {
  await using standby = await startStandby();
  standby.lead();
  standby.state.mayHandle = false;
  await eventually(() => standby.operator.activeWorkers + standby.operator.queueDepth === 0, {
    what: 'an empty queue',
  });
  expect(standby.told).toEqual([]);
});
