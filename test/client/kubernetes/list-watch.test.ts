import { type ListWatchOptions, listAndWatch, type Transform } from '@konductor/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { json, type Respond, startLoopback, transportTo } from '../loopback-server.ts';
import { destroy, never, send } from '../responses.ts';

const object = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const line = (type: string, name: string, resourceVersion: string) =>
  `${JSON.stringify({ type, object: object(name, resourceVersion) })}\n`;
const EXPIRED = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`;

/** Long enough for a busy machine to respond. */
const IDLE_MS = 1_000;

const listOf = (resourceVersion: string, ...names: string[]) =>
  json({ metadata: { resourceVersion }, items: names.map((name) => object(name, '1')) });
const watchOf = (...lines: string[]) => send(200, {}, lines.join(''));
const stay: Respond = (response) => response.flushHeaders();

/** Collects `count` events; the next of `responses` responds to each request, the last one to all that follow. */
async function follow(responses: readonly Respond[], count: number, options: Partial<ListWatchOptions> = {}) {
  const server = await startLoopback((...args) => (responses[args[2]] ?? responses.at(-1) ?? stay)(...args));
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const retries: [failure: string, delayMs: number][] = [];
  const onRetry = ({ name }: Error, delayMs: number) => retries.push([name, delayMs]);
  const all = { path: '/wg', signal: controller.signal, observer: { onRetry }, ...options };
  const events: string[] = [];
  const objects: object[] = [];
  for await (const event of listAndWatch(transportTo(server.url), all)) {
    const seen = event.type === 'LISTED' ? event.items : [event.object];
    objects.push(...seen);
    events.push([event.type, ...seen.map(({ metadata }) => metadata.name)].join(' '));
    if (events.length === count) break;
  }
  const asked = server.requests.map(({ url }) => new URL(url ?? '', server.url).searchParams);
  return {
    events: events.join(', '),
    objects,
    failures: retries.map(([failure]) => failure).join(' '),
    delays: retries.map(([, delayMs]) => delayMs),
    versions: asked.map((query) => query.get('resourceVersion') ?? 'list').join(' '),
  };
}

describe('listAndWatch', () => {
  const listA = listOf('7', 'a');
  const deletedAt = (resourceVersion: string) => watchOf(line('DELETED', 'a', resourceVersion));
  const changed = watchOf(line('MODIFIED', 'a', '8'), line('DELETED', 'a', '9'));
  const bookmarked = watchOf(line('BOOKMARK', '', '12'));
  const expired = watchOf(EXPIRED);
  // The resourceVersion of each request; a list has none.
  it.each<[string, Respond[], string, string]>([
    ['watches from what was listed', [listA, changed], 'LISTED a, MODIFIED a, DELETED a', 'list 7'],
    [
      'lists again after a watch that ended',
      [listA, bookmarked, listOf('20', 'b')],
      'LISTED a, LISTED b',
      'list 7 list',
    ],
    ['lists again after an ERROR event 410', [listA, expired, listOf('20', 'b')], 'LISTED a, LISTED b', 'list 7 list'],
    ['lists again after a response 410', [listA, send(410), listOf('20', 'b')], 'LISTED a, LISTED b', 'list 7 list'],
  ])('%s', async (_, responses, events, versions) => {
    expect(await follow(responses, events.split(', ').length)).toMatchObject({ events, versions });
  });

  it('transforms listed and watched objects', async () => {
    const managed = { metadata: { name: 'a', resourceVersion: '8', managedFields: [{ manager: 'koncli' }] } };
    const list = json({ metadata: { resourceVersion: '7' }, items: [managed] });
    const watch = watchOf(`${JSON.stringify({ type: 'MODIFIED', object: managed })}\n`);
    const whole = await follow([list, watch], 2);
    expect(whole.objects).toEqual([managed, managed]);
    const transform: Transform = (object) => ({ ...object, metadata: { name: object.metadata.name } });
    const { objects } = await follow([list, watch, stay], 2, { transform });
    expect(objects).toEqual([{ metadata: { name: 'a' } }, { metadata: { name: 'a' } }]);
  });

  it.each<[string, Respond, string]>([
    ['a connection reset', destroy, 'UnavailableError'],
    ['a failure of the server', send(503), 'UnavailableError'],
    ['429', send(429), 'TooManyRequestsError'],
  ])('lists again after %s of a list or a watch', async (_, fault, name) => {
    const followed = await follow([fault, listA, fault, listA, deletedAt('8')], 3);
    const events = 'LISTED a, LISTED a, DELETED a';
    expect(followed).toMatchObject({ events, failures: `${name} ${name}`, versions: 'list list 7 list 7' });
  });

  const fallingSilent: Respond = (response) => response.writeHead(200).write(line('BOOKMARK', '', '8'));
  it.each([
    ['never receives anything', stay],
    ['receives nothing any more', fallingSilent],
  ])('lists again after a watch that %s', async (_, silent) => {
    const followed = await follow([listA, silent, listOf('5', 'a')], 2, { idleTimeoutMs: IDLE_MS });
    expect(followed).toMatchObject({
      events: 'LISTED a, LISTED a',
      failures: 'UnavailableError',
      versions: 'list 7 list',
    });
  });

  it('waits for as long as the server asks', async () => {
    const [delayMs] = (await follow([send(429, { 'retry-after': '1' }), listA], 1)).delays;
    expect(delayMs).toBeGreaterThanOrEqual(1_000);
    expect(delayMs).toBeLessThan(1_200);
  });

  it('reports each list and each watch that the server accepts', async () => {
    const reports: string[] = [];
    const observer = { onList: () => reports.push('list'), onWatch: () => reports.push('watch') };
    await follow([send(503), listA, deletedAt('8')], 2, { observer });
    expect(reports).toEqual(['list', 'watch']);
  });

  it('throws an error that is not transient, unless it is to be retried', async () => {
    const responses = [send(422), listOf('7')];
    await expect(follow(responses, 1)).rejects.toMatchObject({ name: 'InvalidError' });
    expect(await follow(responses, 1, { isRetried: () => true })).toMatchObject({ events: 'LISTED' });
  });

  it.each<[string, Respond[]]>([
    ['a list', [never]],
    ['a watch', [listOf('7'), stay]],
    ['a pause', [send(429, { 'retry-after': '60' })]],
  ])('ends without an error when its signal is aborted during %s', async (_, responses) => {
    const server = await startLoopback((...args) => (responses[args[2]] ?? stay)(...args));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    const events = listAndWatch(transportTo(server.url), { path: '/wg', signal: controller.signal });
    for await (const event of events) expect(event.type).toBe('LISTED');
    expect(controller.signal.aborted).toBe(true);
  });

  it('retries after 3 s at most, however long the outage', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.001);
    onTestFinished(() => void vi.restoreAllMocks());
    const { delays } = await follow([...Array(7).fill(send(503)), listA], 1);
    expect(delays).toEqual([0.2, 0.4, 0.8, 1.6, 3, 3, 3]);
  });

  it('resets its backoff after a healthy watch, however it ended', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    onTestFinished(() => void vi.restoreAllMocks());
    const broken: Respond = (response) => {
      response.write(line('BOOKMARK', '', '9'));
      setTimeout(() => response.destroy(), 2_000);
    };
    const { delays } = await follow([send(503), send(503), listA, broken, listA], 2);
    expect(delays).toHaveLength(3);
    expect(delays[2]).toBeLessThanOrEqual(200);
  });
});
