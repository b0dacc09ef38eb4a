import { ForbiddenError, InvalidError } from '@konductor/client';
import { Operator, type ResourceEvent, ResourceEventType } from '@konductor/operator';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { rejection } from '../fake-api-server.ts';
import { object, startOperator } from './one-resource-operator.ts';

const summary = (events: readonly ResourceEvent[]) =>
  events.map(({ type, meta, object }) => [type, meta.name, object.metadata?.uid]);
const hasHandled = (events: readonly ResourceEvent[], count: number) =>
  eventually(`event number ${count}`, () => events.length >= count);
const { Modified, Deleted } = ResourceEventType;

it('is an operator of @dot-i/k8s-operator, whose init() registers the watch and whose handler gets its events', async () => {
  await using started = await startOperator({ items: [object('a', '1', '5')] });
  expect(started.operator).toBeInstanceOf(Operator);
  await hasHandled(started.events, 1);
  const meta = { id: 'waitgroups.konductor.io/v1', namespace: 'jobs', name: 'a', resourceVersion: '5' };
  expect(started.events).toMatchObject([{ type: Modified, object: object('a', '1', '5'), meta }]);
});

describe('the handler', () => {
  it('gets each newest state as Modified, and the last state of a deleted object as Deleted', async () => {
    await using started = await startOperator({ items: [object('a', '1', '5')] });
    const { server, events } = started;
    await hasHandled(events, 1);
    const watch = await eventually('the watch', () => server.watches[0]);
    watch.send('MODIFIED', object('a', '1', '11'));
    await hasHandled(events, 2);
    watch.send('DELETED', object('a', '1', '12'));
    await hasHandled(events, 3);
    expect(events.map(({ type, meta }) => [type, meta.resourceVersion])).toEqual([
      [Modified, '5'],
      [Modified, '11'],
      [Deleted, '12'],
    ]);
  });

  it('gets an object that was recreated in a gap twice: Deleted with the old uid, Modified with the new one', async () => {
    await using started = await startOperator({ items: [object('a', '1', '5')] });
    const { collection, server, events } = started;
    await hasHandled(events, 1);
    const watch = await eventually('the watch', () => server.watches[0]);
    collection.items = [object('a', '2', '20')];
    watch.send('ERROR', rejection(410, 'Expired').body ?? {});
    await hasHandled(events, 3);
    expect(summary(events).slice(1)).toEqual([
      [Deleted, 'a', '1'],
      [Modified, 'a', '2'],
    ]);
  });

  it.each<[string, number, string]>([
    ['present', 1, Modified],
    ['deleted', 2, Deleted],
  ])('is called again for a %s object until it succeeds, with a warning each time', async (_state, first, type) => {
    let calls = 0;
    const onEvent = async () => {
      if (++calls >= first && calls < first + 2) throw new Error('rejected');
    };
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    await hasHandled(started.events, 1);
    const watch = await eventually('the watch', () => started.server.watches[0]);
    if (type === Deleted) watch.send('DELETED', object('a', '1', '11'));
    await hasHandled(started.events, first + 2);
    expect(summary(started.events).slice(first - 1)).toEqual(Array(3).fill([type, 'a', '1']));
    const warnings = started.lines.filter(({ message }) => message === 'reconcile failed, retrying');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatchObject({ level: 'warn', fields: { object: 'jobs/a/1', err: expect.any(Error) } });
  });

  it.each([
    [
      new ForbiddenError(403, {}),
      'grant the ServiceAccount the permission that the error names: apply cdk8s/manifests/install.yaml',
    ],
    [new InvalidError(400, {}), 'the CRD is older than the operator: apply cdk8s/manifests/crd.yaml'],
  ])('is called again after %s, with a hint in the log', async (failure, hint) => {
    let failures = 1;
    const onEvent = async () => {
      if (failures-- > 0) throw failure;
    };
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    await hasHandled(started.events, 2);
    const [warning] = started.lines.filter(({ level }) => level === 'warn');
    expect(warning?.fields.hint).toBe(hint);
  });

  it('is called again after the delay that it returns', async () => {
    let delays = 1;
    const onEvent = async () => (delays-- > 0 ? { requeueAfterMs: 10 } : {});
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    await hasHandled(started.events, 2);
    expect(summary(started.events)).toEqual(Array(2).fill([Modified, 'a', '1']));
  });

  it('is called again without waiting for the backoff when a new watch shows that the API server is available', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1e6);
    onTestFinished(() => random.mockRestore());
    let failures = 1;
    const onEvent = async () => {
      if (failures-- > 0) throw new Error('the API server is unavailable');
    };
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    const failure = await eventually('the failure', () => started.lines.find(({ level }) => level === 'warn'));
    expect(failure.fields.delayMs).toBe(5e6);
    random.mockRestore();
    const watch = await eventually('the watch', () => started.server.watches[0]);
    watch.end();
    await hasHandled(started.events, 2);
  });

  it('gets only the newest state of an object that changed several times while it was busy', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent: () => promise });
    const { server, events } = started;
    await hasHandled(events, 1);
    const watch = await eventually('the watch', () => server.watches[0]);
    for (const version of ['11', '12', '13']) watch.send('MODIFIED', object('a', '1', version));
    watch.send('ADDED', object('b', '2', '14'));
    await hasHandled(events, 2);
    resolve();
    await hasHandled(events, 3);
    expect(events.map(({ meta }) => meta.resourceVersion)).toEqual(['5', '14', '13']);
  });
});

describe('stop', () => {
  it('ends the watch, then waits for the running handler', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent: () => promise });
    await hasHandled(started.events, 1);
    const watch = await eventually('the watch', () => started.server.watches[0]);
    let hasStopped = false;
    const stopping = started.operator.stop().then(() => {
      hasStopped = true;
    });
    await eventually('the end of the watch', () => watch.isClosed);
    expect(hasStopped).toBe(false);
    resolve();
    await stopping;
    expect(started.operator.activeWorkers).toBe(0);
  });
});
