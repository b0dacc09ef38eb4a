import { ForbiddenError } from '@konductor/client';
import { type ResourceEvent, ResourceEventType } from '@konductor/operator';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { refusal } from '../fake-api-server.ts';
import { object, startOperator } from './one-resource-operator.ts';

const told = (events: readonly ResourceEvent[]) =>
  events.map(({ type, meta, object }) => [type, meta.name, object.metadata?.uid]);
const hasTold = (events: readonly ResourceEvent[], count: number) =>
  eventually(() => events.length >= count, { what: `event number ${count}` });
const { Added, Modified, Deleted } = ResourceEventType;

describe('the handler is told', () => {
  it('what is there as Added, a change as Modified and an end as Deleted, with the framework’s meta', async () => {
    await using started = await startOperator({ items: [object('a', '1', '5')] });
    const { server, events } = started;
    await hasTold(events, 1);
    const watch = await eventually(() => server.watches[0], { what: 'the watch' });
    watch.send('MODIFIED', object('a', '1', '11'));
    await hasTold(events, 2);
    watch.send('DELETED', object('a', '1', '12'));
    await hasTold(events, 3);
    expect(told(events)).toEqual([
      [Added, 'a', '1'],
      [Modified, 'a', '1'],
      [Deleted, 'a', '1'],
    ]);
    expect(events[0]?.meta).toMatchObject({
      id: 'waitgroups.konductor.io/v1',
      namespace: 'jobs',
      resourceVersion: '5',
    });
  });

  it('of an object that was made anew in a gap twice: Deleted with the old uid, Added with the new one', async () => {
    await using started = await startOperator({ items: [object('a', '1', '5')] });
    const { collection, server, events } = started;
    await hasTold(events, 1);
    const watch = await eventually(() => server.watches[0], { what: 'the watch' });
    collection.items = [object('a', '2', '20')];
    watch.send('ERROR', refusal(410, 'Expired').body ?? {});
    await hasTold(events, 3);
    expect(told(events).slice(1)).toEqual([
      [Deleted, 'a', '1'],
      [Added, 'a', '2'],
    ]);
  });

  it('again of what it failed at, as Added until it succeeds', async () => {
    let failures = 2;
    const onEvent = async () => {
      if (failures-- > 0) throw new Error('refused');
    };
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    await hasTold(started.events, 3);
    expect(told(started.events)).toEqual(Array(3).fill([Added, 'a', '1']));
    const warnings = started.lines.filter(({ message }) => message === 'handler failed and is tried again');
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatchObject({ level: 'warn', fields: { object: 'jobs/a/1', err: expect.any(Error) } });
  });

  it('again of what it may not do, with what to grant in the log', async () => {
    const { code = 403, body } = refusal(403, 'Forbidden');
    let failures = 1;
    const onEvent = async () => {
      if (failures-- > 0) throw new ForbiddenError(code, body ?? {});
    };
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    await hasTold(started.events, 2);
    const [warning] = started.lines.filter(({ level }) => level === 'warn');
    expect(warning?.fields.hint).toBe(
      'grant what the error names to the ServiceAccount: apply cdk8s/manifests/install.yaml',
    );
  });

  it('again after the delay that it asks for', async () => {
    let delays = 1;
    const onEvent = async () => (delays-- > 0 ? { requeueAfterMs: 10 } : {});
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    await hasTold(started.events, 2);
    expect(told(started.events)).toEqual([
      [Added, 'a', '1'],
      [Modified, 'a', '1'],
    ]);
  });

  it('of what it failed at without waiting any longer, when a new watch shows that the API server is there', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1e6);
    onTestFinished(() => random.mockRestore());
    let failures = 1;
    const onEvent = async () => {
      if (failures-- > 0) throw new Error('the API server is away');
    };
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent });
    const failure = await eventually(() => started.lines.find(({ level }) => level === 'warn'), {
      what: 'the failure',
    });
    expect(failure.fields.delayMs).toBe(5e6);
    random.mockRestore();
    const watch = await eventually(() => started.server.watches[0], { what: 'the watch' });
    watch.end();
    await hasTold(started.events, 2);
  });

  it('the newest state only of what changed several times while it was busy', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent: () => promise });
    const { server, events } = started;
    await hasTold(events, 1);
    const watch = await eventually(() => server.watches[0], { what: 'the watch' });
    for (const version of ['11', '12', '13']) watch.send('MODIFIED', object('a', '1', version));
    watch.send('ADDED', object('b', '2', '14'));
    await hasTold(events, 2);
    resolve();
    await hasTold(events, 3);
    expect(events.map(({ meta }) => meta.resourceVersion)).toEqual(['5', '14', '13']);
  });
});

describe('stop', () => {
  it('ends the watch, then waits for the handler that runs', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using started = await startOperator({ items: [object('a', '1', '5')], onEvent: () => promise });
    await hasTold(started.events, 1);
    const watch = await eventually(() => started.server.watches[0], { what: 'the watch' });
    let hasStopped = false;
    const stopping = started.operator.stop().then(() => {
      hasStopped = true;
    });
    await eventually(() => watch.isClosed, { what: 'the end of the watch' });
    expect(hasStopped).toBe(false);
    resolve();
    await stopping;
    expect(started.operator.activeWorkers).toBe(0);
  });
});
