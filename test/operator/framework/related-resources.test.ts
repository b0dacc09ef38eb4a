import type { KubeObject } from '@konductor/client';
import { type Reflector, ResilientOperator } from '@konductor/operator';
import { expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { captureLog } from '../captured-logger.ts';
import { type FakeRequest, listOf, startFakeApiServer } from '../fake-api-server.ts';
import { object } from './one-resource-operator.ts';

const RESOURCE_ID = 'waitgroups.konductor.io/v1';

/** Each pod depends on the WaitGroup that has its name. */
class OperatorWithPods extends ResilientOperator {
  readonly handled: string[] = [];
  pods: Reflector<KubeObject> | undefined;
  protected override async init(): Promise<void> {
    await this.watchResource('konductor.io', 'v1', 'waitgroups', async ({ meta }) => void this.handled.push(meta.name));
    this.pods = this.watchRelated({
      apiVersion: 'v1',
      resource: 'pods',
      query: { labelSelector: 'konductor.io/waitgroup' },
      onChange: (_key, { metadata }) => this.wake(RESOURCE_ID, `jobs/${metadata.name}/1`),
    });
  }
}

/** The list of pods arrives with `listPods()`. */
async function startOperator() {
  const pods = Promise.withResolvers<ReturnType<typeof listOf>>();
  const server = await startFakeApiServer(({ path }) =>
    path === '/api/v1/pods' ? pods.promise : listOf([object('a', '1', '5'), object('b', '1', '6')], '10'),
  );
  const operator = new OperatorWithPods({ transport: server.transport, logger: captureLog().logger });
  await operator.start();
  const stop = async () => {
    pods.resolve(listOf([], '20'));
    await operator.stop();
    await server[Symbol.asyncDispose]();
  };
  return { server, operator, listPods: () => pods.resolve(listOf([], '20')), [Symbol.asyncDispose]: stop };
}

it('handles nothing before every cache has synced, then everything', async () => {
  await using started = await startOperator();
  const { server, operator } = started;
  const groups = await eventually('the watch of groups', () => server.watches[0]);
  groups.send('ADDED', object('c', '1', '11'));
  await eventually('the group in the cache', () => operator.queueDepth + operator.activeWorkers === 0);
  expect(operator.hasSynced).toBe(false);
  expect(operator.handled).toEqual([]);
  started.listPods();
  await eventually('all three', () => operator.handled.length >= 3);
  expect(operator.handled).toEqual(['a', 'b', 'c']);
});

it('lists what the query selects, and hands an object to its handler when a related one changes', async () => {
  await using started = await startOperator();
  const { server, operator } = started;
  started.listPods();
  await eventually('all', () => operator.handled.length >= 2);
  const isOfPods = ({ path }: FakeRequest) => path === '/api/v1/pods';
  expect(server.requests.find(isOfPods)?.query.labelSelector).toBe('konductor.io/waitgroup');
  const pods = await eventually('the watch of pods', () =>
    server.watches.find(({ resourceVersion }) => resourceVersion === '20'),
  );
  pods.send('ADDED', { metadata: { name: 'unknown', resourceVersion: '21' } });
  pods.send('ADDED', { metadata: { name: 'b', resourceVersion: '22' } });
  await eventually('b again', () => operator.handled.length >= 3);
  expect(operator.handled).toEqual(['a', 'b', 'b']);
  expect([...(operator.pods?.objects() ?? [])]).toHaveLength(2);
});
