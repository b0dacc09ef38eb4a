import { type ListWatchOptions, listAndWatch, type Transform } from '@konductor/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Respond, respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const object = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const line = (type: string, name: string, resourceVersion: string) =>
  `${JSON.stringify({ type, object: object(name, resourceVersion) })}\n`;
const EXPIRED = `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`;

/** Long enough for a busy machine to respond. */
const IDLE_MS = 1_000;

const listOf =
  (resourceVersion: string, ...names: string[]): Respond =>
  (response) =>
    respondJson(response, { metadata: { resourceVersion }, items: names.map((name) => object(name, '1')) });
const watchOf =
  (...lines: string[]): Respond =>
  (response) =>
    response.end(lines.join(''));
const reject =
  (code: number, headers = {}): Respond =>
  (response) =>
    response.writeHead(code, headers).end();
const reset: Respond = (response) => response.destroy();
const stay: Respond = (response) => response.write(' \n'.trim());

/** Collects `count` events; the next of `responses` responds to each request, the last one to all that follow. */
async function follow(responses: readonly Respond[], count: number, options: Partial<ListWatchOptions> = {}) {
  const server = await startLoopback((...args) => (responses[args[2]] ?? responses.at(-1) ?? stay)(...args));
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const failures: string[] = [];
  const onRetry = (error: Error) => failures.push(error.name);
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
  return { events, objects, failures, versions: asked.map((query) => query.get('resourceVersion')) };
}

describe('listAndWatch', () => {
  it('lists, then watches from what was listed', async () => {
    const followed = await follow(
      [listOf('7', 'a'), watchOf(line('MODIFIED', 'a', '8'), line('DELETED', 'a', '9'))],
      3,
    );
    expect(followed).toMatchObject({ events: ['LISTED a', 'MODIFIED a', 'DELETED a'], versions: [null, '7'] });
  });

  it('transforms listed and watched objects, and resumes from the last event', async () => {
    const managed = { metadata: { name: 'a', resourceVersion: '8', managedFields: [{ manager: 'koncli' }] } };
    const list: Respond = (response) => respondJson(response, { metadata: { resourceVersion: '7' }, items: [managed] });
    const watch = watchOf(`${JSON.stringify({ type: 'MODIFIED', object: managed })}\n`);
    const whole = await follow([list, watch], 2);
    expect(whole.objects).toEqual([managed, managed]);
    const transform: Transform = (object) => ({ ...object, metadata: { name: object.metadata.name } });
    const { objects, versions } = await follow([list, watch, stay], 2, { transform });
    expect(objects).toEqual([{ metadata: { name: 'a' } }, { metadata: { name: 'a' } }]);
    expect(versions).toEqual([null, '7']);
  });

  it('resumes from the last event or bookmark, without a list, when a watch ends', async () => {
    const first = watchOf(line('MODIFIED', 'a', '8'), line('BOOKMARK', '', '12'));
    const followed = await follow([listOf('7', 'a'), first, watchOf(line('DELETED', 'a', '13'))], 3);
    expect(followed).toMatchObject({ events: ['LISTED a', 'MODIFIED a', 'DELETED a'], versions: [null, '7', '12'] });
  });

  it.each<[string, Respond, string]>([
    ['a connection reset', reset, 'UnavailableError'],
    ['a failure of the server', reject(503), 'UnavailableError'],
    ['429', reject(429), 'TooManyRequestsError'],
  ])('retries the list and the watch after %s', async (_, fault, name) => {
    const followed = await follow([fault, listOf('7', 'a'), fault, watchOf(line('DELETED', 'a', '8'))], 2);
    expect(followed).toMatchObject({
      events: ['LISTED a', 'DELETED a'],
      failures: [name, name],
      versions: [null, null, '7', '7'],
    });
  });

  it.each<[string, Respond]>([
    ['in-band', watchOf(EXPIRED)],
    ['by a response', reject(410)],
  ])('lists again when its resourceVersion is too old, as reported %s', async (_, gone) => {
    const followed = await follow([listOf('7', 'a'), gone, listOf('20', 'b'), stay], 2);
    expect(followed).toMatchObject({ events: ['LISTED a', 'LISTED b'], versions: [null, '7', null] });
  });

  it('watches again after a watch that receives nothing any more', async () => {
    const bookmark = line('BOOKMARK', '', '8');
    const fallingSilent: Respond = (response) => response.writeHead(200).write(bookmark);
    const responses = [listOf('7', 'a'), fallingSilent, watchOf(line('DELETED', 'a', '9'))];
    const followed = await follow(responses, 2, { idleTimeoutMs: IDLE_MS });
    expect(followed).toMatchObject({
      events: ['LISTED a', 'DELETED a'],
      failures: ['UnavailableError'],
      versions: [null, '7', '8'],
    });
  });

  it('lists again after a watch that received nothing at all: its resourceVersion may come from a history that was lost', async () => {
    const silent: Respond = (response) => response.writeHead(200).flushHeaders();
    const responses = [listOf('70', 'a'), silent, listOf('7', 'a'), watchOf(line('DELETED', 'a', '8'))];
    const followed = await follow(responses, 3, { idleTimeoutMs: IDLE_MS });
    expect(followed).toMatchObject({
      events: ['LISTED a', 'LISTED a', 'DELETED a'],
      failures: ['UnavailableError'],
      versions: [null, '70', null, '7'],
    });
  });

  it('waits for as long as the server asks', async () => {
    const delays: number[] = [];
    const responses = [reject(429, { 'retry-after': '1' }), listOf('7')];
    await follow(responses, 1, { observer: { onRetry: (_, delayMs) => delays.push(delayMs) } });
    expect(delays).toEqual([1_000]);
  });

  it('reports each list and each watch that the server accepts', async () => {
    const reports: string[] = [];
    const observer = { onList: () => reports.push('list'), onWatch: () => reports.push('watch') };
    await follow([reject(503), listOf('7', 'a'), watchOf(line('DELETED', 'a', '8'))], 2, { observer });
    expect(reports).toEqual(['list', 'watch']);
  });

  it('throws an error that is not transient, unless it retries all', async () => {
    const responses = [reject(422), listOf('7')];
    await expect(follow(responses, 1)).rejects.toMatchObject({ name: 'InvalidError' });
    expect(await follow(responses, 1, { retryAll: true })).toMatchObject({ events: ['LISTED'] });
  });

  it.each<[string, Respond[]]>([
    ['a list', [() => {}]],
    ['a watch', [listOf('7'), stay]],
    ['a pause', [reject(429, { 'retry-after': '60' })]],
  ])('ends without an error when its signal is aborted during %s', async (_, responses) => {
    const server = await startLoopback((...args) => (responses[args[2]] ?? stay)(...args));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 60);
    const events = listAndWatch(transportTo(server.url), { path: '/wg', signal: controller.signal });
    for await (const event of events) expect(event.type).toBe('LISTED');
    expect(controller.signal.aborted).toBe(true);
  });

  it('resets its backoff after a healthy watch, however it ended', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const broken: Respond = (response) => {
      response.write(line('BOOKMARK', '', '9'));
      setTimeout(() => response.destroy(), 2_000);
    };
    const delays: number[] = [];
    const responses = [
      ...Array<Respond>(2).fill(reject(503)),
      listOf('7', 'a'),
      broken,
      watchOf(line('DELETED', 'a', '10')),
    ];
    await follow(responses, 2, { observer: { onRetry: (_, delayMs) => delays.push(delayMs) } });
    expect(delays).toHaveLength(3);
    expect(delays[2]).toBeLessThanOrEqual(200);
  });
});
