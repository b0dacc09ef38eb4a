import type { Transform } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { listAll } from '../../../client/src/kubernetes/list.ts';
import { type Respond, respondJson, startLoopback, transportTo, writeForever } from '../loopback-server.ts';

const page = (names: string[], token = '') => ({
  metadata: { resourceVersion: '7', continue: token },
  items: names.map((name) => ({ metadata: { name } })),
});
const EXPIRED = { kind: 'Status', reason: 'Expired' };

/** Responds to each request with the next of these; a Status is a 410. */
const listFrom = (...responses: object[]) => listWith(undefined, ...responses);

function listWith(transform: Transform | undefined, ...responses: object[]) {
  return listBy((response, _, turn) => {
    const body = responses[turn] ?? {};
    respondJson(response, body, 'kind' in body ? 410 : 200);
  }, transform);
}

async function listBy(respond: Respond, transform?: Transform) {
  const server = await startLoopback(respond);
  const query = { labelSelector: 'app=x' };
  const { items, resourceVersion } = await listAll(transportTo(server.url), { path: '/wg', query, transform });
  const asked = server.requests.map(({ url }) => new URL(url ?? '', server.url).searchParams);
  return {
    names: items.map(({ metadata }) => metadata.name),
    resourceVersion,
    tokens: asked.map((query) => query.get('continue')),
    limits: asked.map((query) => query.get('limit')).join(' '),
    requests: server.requests,
  };
}

describe('listAll', () => {
  it('follows the pages to the end, by a quorum read', async () => {
    const listed = await listFrom(page(['a', 'b'], 'next'), page(['c']));
    expect(listed).toMatchObject({ names: ['a', 'b', 'c'], resourceVersion: '7', tokens: [null, 'next'] });
    for (const { url } of listed.requests) {
      expect(url).toContain('labelSelector=app%3Dx');
      expect(url).not.toContain('resourceVersion');
    }
  });

  it('starts over, and reports nothing twice, when the snapshot expires between two pages', async () => {
    const listed = await listFrom(page(['a', 'b'], 'next'), EXPIRED, page(['a', 'c']));
    expect(listed).toMatchObject({ names: ['a', 'c'], tokens: [null, 'next', null] });
  });

  it.each([
    ['null', null],
    ['an object', {}],
    ['items alone', { items: [] }],
    ['metadata alone', { metadata: { resourceVersion: '7' } }],
    ['an item that is null', { ...page([]), items: [null] }],
    ['an item without metadata', { ...page([]), items: [{}] }],
    ['items that are no list', { ...page([]), items: 'a' }],
  ])('rejects what is not a list: %s', async (_, body) => {
    const listing = listBy((response) => respondJson(response, body));
    await expect(listing).rejects.toMatchObject({
      name: 'UnavailableError',
      message: expect.stringMatching(/^the response is not a list: is http:\S+ the API server\?$/),
    });
  });

  it('reads a list without items', async () => {
    expect(await listFrom({ ...page([]), items: null })).toMatchObject({ names: [], resourceVersion: '7' });
  });

  it('transforms each object', async () => {
    const transform: Transform = (object) => ({ ...object, metadata: { ...object.metadata, name: 'kept' } });
    const listed = await listWith(transform, page(['a', 'b'], 'next'), page(['c']));
    expect(listed).toMatchObject({ names: ['kept', 'kept', 'kept'] });
  });

  it('starts over only once', async () => {
    const responses = [page(['a'], 'next'), EXPIRED, page(['a'], 'next'), EXPIRED];
    await expect(listFrom(...responses)).rejects.toMatchObject({ name: 'GoneError' });
  });

  it('requests fewer objects when a page is too long, and more again after one that is not', async () => {
    const items = Array.from({ length: 1_000 }, (_, at) => ({ metadata: { name: `${at}` } }));
    const respond: Respond = (response, { url }) => {
      const query = new URL(url ?? '', 'http://server').searchParams;
      const [from, limit] = [Number(query.get('continue')), Number(query.get('limit'))];
      if (from < 50 && limit > 10) return writeForever(response);
      const end = from + limit;
      const metadata = { resourceVersion: '7', continue: end < items.length ? `${end}` : '' };
      respondJson(response, { metadata, items: items.slice(from, end) });
    };
    const { names, limits } = await listBy(respond);
    expect(names).toEqual(items.map(({ metadata }) => metadata.name));
    expect(limits).toBe('500 125 32 8 16 4 8 16 4 8 16 4 8 16 4 8 16 32 64 128 256 500');
  });

  it('reports a response without end, after it has requested a single object', async () => {
    const limits: unknown[] = [];
    const listing = listBy((response, { url }) => {
      limits.push(new URL(url ?? '', 'http://server').searchParams.get('limit'));
      writeForever(response);
    });
    const message = 'the response is longer than 8 MiB';
    await expect(listing).rejects.toMatchObject({ name: 'UnavailableError', message });
    expect(limits.join(' ')).toBe('500 125 32 8 2 1');
  });
});
