import { GoneError, type KubeObject, UnavailableError } from '@konductor/client';
import { Reflector, type ReflectorOptions } from '@konductor/operator';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { type FakeApiServer, type FakeWatch, listOf, rejection, startFakeApiServer } from '../fake-api-server.ts';

const PATH = '/apis/konductor.io/v1/waitgroups';
const object = (name: string, uid: string, resourceVersion: string) => ({
  metadata: { namespace: 'jobs', name, uid, resourceVersion },
});
const status = (code: number, reason: string) => rejection(code, reason).body ?? {};

type Options = Pick<Partial<ReflectorOptions<KubeObject>>, 'observer'>;

/** A reflector on a collection that the test changes, with everything that it reported. */
async function startReflector(items: readonly ReturnType<typeof object>[], options: Options = {}) {
  const collection = { items, resourceVersion: '10' };
  const server = await startFakeApiServer(() => listOf(collection.items, collection.resourceVersion));
  const changes: string[] = [];
  const errors: Error[] = [];
  const stopping = new AbortController();
  const reflector = new Reflector(server.transport, {
    path: PATH,
    signal: stopping.signal,
    observer: { onRetry: (error) => errors.push(error), ...options.observer },
    onChange: (key) => changes.push(`${reflector.get(key) ? 'present' : 'gone'} ${key}`),
  });
  const running = reflector.run();
  const stop = async () => {
    stopping.abort();
    await running;
    await server[Symbol.asyncDispose]();
  };
  return { collection, server, reflector, changes, errors, [Symbol.asyncDispose]: stop };
}

const watchNumber = (server: FakeApiServer, number: number): Promise<FakeWatch> =>
  eventually(`watch number ${number}`, () => server.watches[number - 1]);
const hasReported = (changes: readonly string[], count: number) =>
  eventually(`change number ${count}`, () => changes.length >= count);

describe('the reflector', () => {
  it('reports what is listed, then what is watched, in order', async () => {
    await using started = await startReflector([object('a', '1', '5')]);
    const { server, changes, reflector } = started;
    const watch = await watchNumber(server, 1);
    expect(reflector.hasSynced).toBe(true);
    expect(watch.resourceVersion).toBe('10');
    watch.send('ADDED', object('b', '2', '11'));
    watch.send('MODIFIED', object('a', '1', '12'));
    watch.send('DELETED', object('b', '2', '13'));
    await hasReported(changes, 4);
    expect(changes).toEqual(['present jobs/a/1', 'present jobs/b/2', 'present jobs/a/1', 'gone jobs/b/2']);
    expect([...reflector.objects()]).toEqual([object('a', '1', '12')]);
  });

  it('has not synced before the list is complete', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await using server = await startFakeApiServer(() => promise.then(() => listOf([], '10')));
    const stopping = new AbortController();
    const reflector = new Reflector(server.transport, { path: PATH, signal: stopping.signal, onChange: () => {} });
    const running = reflector.run();
    await eventually('the list request', () => server.requests.length > 0);
    expect(reflector.hasSynced).toBe(false);
    resolve();
    await eventually('the sync', () => reflector.hasSynced);
    stopping.abort();
    await running;
  });

  it('lists again after an in-band 410, and reports what is new, changed and gone', async () => {
    await using started = await startReflector([object('a', '1', '5'), object('b', '2', '6'), object('c', '3', '7')]);
    const { collection, server, changes, errors } = started;
    const watch = await watchNumber(server, 1);
    collection.items = [object('a', '1', '5'), object('b', '2', '20'), object('d', '4', '21')];
    collection.resourceVersion = '30';
    watch.send('ERROR', status(410, 'Expired'));
    await hasReported(changes, 6);
    expect(changes.slice(3)).toEqual(['gone jobs/c/3', 'present jobs/b/2', 'present jobs/d/4']);
    expect((await watchNumber(server, 2)).resourceVersion).toBe('30');
    expect(errors).toEqual([expect.any(GoneError)]);
  });

  it('reports an object that was deleted and recreated in a gap as two', async () => {
    await using started = await startReflector([object('a', '1', '5')]);
    const { collection, server, changes } = started;
    const watch = await watchNumber(server, 1);
    collection.items = [object('a', '2', '20')];
    watch.send('ERROR', status(410, 'Expired'));
    await hasReported(changes, 3);
    expect(changes.slice(1)).toEqual(['gone jobs/a/1', 'present jobs/a/2']);
  });
});

it('has the revision of the last list, event or bookmark, also after a restore', async () => {
  await using started = await startReflector([object('a', '1', '5')]);
  const { collection, server, reflector } = started;
  const isAt = (revision: string) => eventually(`revision ${revision}`, () => reflector.revision === revision);
  const watch = await watchNumber(server, 1);
  expect(reflector.revision).toBe('10');
  watch.send('MODIFIED', object('a', '1', '11'));
  await isAt('11');
  watch.send('BOOKMARK', { metadata: { resourceVersion: '15' } });
  await isAt('15');
  watch.send('DELETED', object('a', '1', '17'));
  await isAt('17');
  collection.resourceVersion = '7';
  watch.end();
  await isAt('7');
});

it('hands on what it held before a change', async () => {
  await using server = await startFakeApiServer(() => listOf([object('a', '1', '5')], '10'));
  const stopping = new AbortController();
  const previous: (string | undefined)[] = [];
  const reflector = new Reflector(server.transport, {
    path: PATH,
    signal: stopping.signal,
    onChange: (_key, _object, before) => previous.push(before?.metadata.resourceVersion),
  });
  const running = reflector.run();
  const watch = await watchNumber(server, 1);
  watch.send('MODIFIED', object('a', '1', '11'));
  watch.send('DELETED', object('a', '1', '12'));
  await hasReported(previous as string[], 3);
  expect(previous).toEqual([undefined, '5', '11']);
  stopping.abort();
  await running;
});

it('reports each list and each watch to its observer', async () => {
  const reported: string[] = [];
  const observer = { onList: () => reported.push('list'), onWatch: () => reported.push('watch') };
  await using started = await startReflector([], { observer });
  (await watchNumber(started.server, 1)).end();
  (await watchNumber(started.server, 2)).send('ERROR', status(410, 'Expired'));
  await watchNumber(started.server, 3);
  await eventually('every report', () => reported.length === 6);
  expect(reported).toEqual(['list', 'watch', 'list', 'watch', 'list', 'watch']);
});

describe('the reflector lists again, and reports what has changed meanwhile, after a watch that ends', () => {
  it.each<[string, (watch: FakeWatch) => void, unknown[]]>([
    ['normally', (watch) => watch.end(), []],
    ['by a socket reset', (watch) => watch.reset(), [expect.any(UnavailableError)]],
    ['by an in-band 500', (watch) => watch.send('ERROR', status(500, 'InternalError')), [expect.any(UnavailableError)]],
    ['by a garbage line', (watch) => watch.sendText('<html>\n'), [expect.any(UnavailableError)]],
    ['in the middle of a line', (watch) => end(watch, '{"type":"ADDED","object":{"meta'), []],
  ])('%s', async (_how, finish, expected) => {
    await using started = await startReflector([object('a', '1', '5'), object('b', '2', '6')]);
    const { collection, server, changes, errors } = started;
    const first = await watchNumber(server, 1);
    first.send('ADDED', object('c', '3', '11'));
    await hasReported(changes, 3);
    collection.items = [object('a', '1', '5'), object('c', '3', '12')];
    // As after a restore from a backup.
    collection.resourceVersion = '7';
    finish(first);
    expect((await watchNumber(server, 2)).resourceVersion).toBe('7');
    expect(changes.slice(3)).toEqual(['gone jobs/b/2', 'present jobs/c/3']);
    expect(errors).toEqual(expected);
  });

  function end(watch: FakeWatch, text: string): void {
    watch.sendText(text);
    watch.end();
  }
});

it('reports an object that differs, although a restored API server has assigned its resourceVersion again', async () => {
  const counted = (counter: number) => ({ ...object('a', '1', '5'), status: { counter } });
  await using started = await startReflector([counted(3)]);
  const { collection, server, changes, reflector } = started;
  const watch = await watchNumber(server, 1);
  collection.items = [counted(0)];
  watch.reset();
  await watchNumber(server, 2);
  expect(changes).toEqual(['present jobs/a/1', 'present jobs/a/1']);
  expect([...reflector.objects()]).toEqual([counted(0)]);
});
