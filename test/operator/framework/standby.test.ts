import { type ResourceEvent, ResourceEventType } from '@konductor/operator';
import { expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import { listOf, startFakeApiServer } from '../fake-api-server.ts';
import { OneResourceOperator, object } from './one-resource-operator.ts';

/** An operator that is on standby until `lead()`, on a server that has one object. */
async function startStandby() {
  const server = await startFakeApiServer(() => listOf([object('a', '1', '5')], '10'));
  const state = { isActive: false, synced: 0 };
  const operator = new OneResourceOperator({
    transport: server.transport,
    logger: captureLog().logger,
    isActive: () => state.isActive,
    onSynced: () => state.synced++,
  });
  const handled: string[] = [];
  operator.onEvent = async ({ type, meta }: ResourceEvent) => void handled.push(`${type} ${meta.name}`);
  await operator.start();
  const watch = await eventually('the watch', () => server.watches[0]);
  const lead = () => {
    state.isActive = true;
    operator.resync();
  };
  const stop = async () => {
    await operator.stop();
    await server[Symbol.asyncDispose]();
  };
  return { operator, watch, state, handled, lead, [Symbol.asyncDispose]: stop };
}
const { Modified, Deleted } = ResourceEventType;

it('fills its cache, reports once that it has synced, and queues nothing', async () => {
  await using standby = await startStandby();
  expect(standby.operator.hasSynced).toBe(true);
  standby.watch.send('ADDED', object('b', '2', '11'));
  await eventually('b in the cache', () => standby.operator.names().includes('b'));
  expect(standby.operator.names()).toEqual(['a', 'b']);
  expect([standby.state.synced, standby.operator.queueDepth, standby.handled]).toEqual([1, 0, []]);
});

it('handles every cached object once it leads and every later change, but no earlier deletion', async () => {
  await using standby = await startStandby();
  standby.watch.send('ADDED', object('b', '2', '11'));
  standby.watch.send('DELETED', object('a', '1', '12'));
  await eventually('the deletion of a', () => !standby.operator.names().includes('a'));
  standby.lead();
  await eventually('the first event', () => standby.handled.length > 0);
  standby.watch.send('DELETED', object('b', '2', '13'));
  await eventually('the second event', () => standby.handled.length > 1);
  expect(standby.handled).toEqual([`${Modified} b`, `${Deleted} b`]);
});

it('handles nothing that is still queued when it loses leadership', async () => {
  await using standby = await startStandby();
  standby.lead();
  standby.state.isActive = false;
  await eventually('an empty queue', () => standby.operator.activeWorkers + standby.operator.queueDepth === 0);
  expect(standby.handled).toEqual([]);
});
