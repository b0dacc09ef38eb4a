import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type WatchRequest, watchEvents } from '../../../client/src/kubernetes/watch.ts';
import { startLoopback, transportTo, writeForever } from '../loopback-server.ts';

const event = (type: string, name: string) => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`;
const error = (code?: number, reason?: string) =>
  `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason } })}\n`;

/** Collects the events of a watch, and the error that it ends with. */
async function watchOf(write: (response: ServerResponse) => void, options: Partial<WatchRequest> = {}) {
  const server = await startLoopback(write);
  const request = { path: '/wg', resourceVersion: '7', timeoutSeconds: 300, idleTimeoutMs: 5_000, ...options };
  const events: string[] = [];
  let failure: unknown;
  try {
    for await (const { type, object } of watchEvents(transportTo(server.url), request))
      events.push(`${type} ${object.metadata.name}`);
  } catch (thrown) {
    failure = thrown;
  }
  return { events, failure, url: server.requests[0]?.url };
}

describe('watchEvents', () => {
  it('requests bookmarks, from the resourceVersion, for the given time', async () => {
    const { url } = await watchOf((response) => response.end(), { query: { fieldSelector: 'metadata.name=x' } });
    expect(url).toBe(
      '/wg?fieldSelector=metadata.name%3Dx&watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=300',
    );
  });

  it('yields events wherever the lines are split, and ends with the response', async () => {
    const text = event('ADDED', 'ä') + event('BOOKMARK', 'b') + event('DELETED', 'c');
    const { events, failure } = await watchOf((response) => {
      for (const byte of Buffer.from(text)) response.write(Buffer.from([byte]));
      response.end();
    });
    expect(events).toEqual(['ADDED ä', 'BOOKMARK b', 'DELETED c']);
    expect(failure).toBeUndefined();
  });

  it('ignores half a line at the end', async () => {
    const cut = event('ADDED', 'a') + event('DELETED', 'b').slice(0, -5);
    const { events } = await watchOf((response) => response.end(cut));
    expect(events).toEqual(['ADDED a']);
  });

  it('gives up a line that does not end', async () => {
    const { events, failure } = await watchOf((response) => {
      response.write(event('ADDED', 'a'));
      writeForever(response);
    });
    expect(events).toEqual(['ADDED a']);
    expect(failure).toMatchObject({ name: 'UnavailableError', message: 'the watch sent a line of more than 16 MiB' });
  });

  it.each([
    ['410', error(410), 'GoneError'],
    ['of a corrupt object that was deleted by force', error(500, 'StorageReadError'), 'GoneError'],
    ['429', error(429), 'TooManyRequestsError'],
    ['403', error(403), 'ForbiddenError'],
    ['500', error(500), 'UnavailableError'],
    ['no code', error(), 'UnavailableError'],
    ['an invalid line', '{"type":\n', 'UnavailableError'],
    ['a line that is not an event', 'null\n', 'UnavailableError'],
    ['an event without an object', '{"type":"ADDED"}\n', 'UnavailableError'],
    ['an object without metadata', '{"type":"ADDED","object":{"kind":"Status"}}\n', 'UnavailableError'],
    ['an error without a status', '{"type":"ERROR","object":null}\n', 'UnavailableError'],
  ])('throws a typed error on %s', async (_, line, name) => {
    const { events, failure } = await watchOf((response) => response.end(event('ADDED', 'a') + line));
    expect(events).toEqual(['ADDED a']);
    expect(failure).toMatchObject({ name });
  });

  it('ignores an unknown type of event', async () => {
    const { events, failure } = await watchOf((response) => response.end(event('RENAMED', 'a') + event('ADDED', 'b')));
    expect(events).toEqual(['ADDED b']);
    expect(failure).toBeUndefined();
  });

  it.each([
    ['before its head', () => {}],
    ['after an event', (response: ServerResponse) => response.write(event('ADDED', 'a'))],
  ])('considers a watch dead that receives nothing %s', async (_, write) => {
    const { failure } = await watchOf(write, { idleTimeoutMs: 50 });
    expect(failure).toMatchObject({ name: 'UnavailableError', message: 'the watch received nothing for 50ms' });
  });

  it('does not consider a watch dead that keeps receiving events', async () => {
    const { events, failure } = await watchOf(
      (response) => {
        let turn = 0;
        const ticking = setInterval(() => (turn++ < 5 ? response.write(event('BOOKMARK', 'b')) : response.end()), 300);
        response.on('close', () => clearInterval(ticking));
      },
      { idleTimeoutMs: 1_200 },
    );
    expect(events).toHaveLength(5);
    expect(failure).toBeUndefined();
  });

  it('ends with AbortedError when its signal is aborted', async () => {
    const controller = new AbortController();
    const { failure } = await watchOf(
      (response) => {
        response.write(event('ADDED', 'a'));
        setTimeout(() => controller.abort(), 20);
      },
      { signal: controller.signal },
    );
    expect(failure).toMatchObject({ name: 'AbortedError' });
  });
});
