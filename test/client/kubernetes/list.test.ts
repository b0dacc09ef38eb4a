import type { Transform } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { listAll } from '../../../client/src/kubernetes/list.ts';
import { respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const page = (names: string[], token = '') => ({
  metadata: { resourceVersion: '7', continue: token },
  items: names.map((name) => ({ metadata: { name } })),
});
const EXPIRED = { kind: 'Status', reason: 'Expired' };

/** Responds to each request with the next of these; a Status is a 410. */
const listFrom = (...responses: object[]) => listWith({}, ...responses);

async function listWith(options: { pageSize?: number; transform?: Transform }, ...responses: object[]) {
  const server = await startLoopback((response, _, turn) => {
    const body = responses[turn] ?? {};
    respondJson(response, body, 'kind' in body ? 410 : 200);
  });
  const query = { labelSelector: 'app=x' };
  const { items, resourceVersion } = await listAll(transportTo(server.url), { path: '/wg', query, ...options });
  const asked = server.requests.map(({ url }) => new URL(url ?? '', server.url).searchParams);
  return {
    names: items.map(({ metadata }) => metadata.name),
    resourceVersion,
    tokens: asked.map((query) => query.get('continue')),
    limits: asked.map((query) => query.get('limit')),
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

  it('starts over in one page, and reports nothing twice, when the snapshot expires between two pages', async () => {
    const listed = await listFrom(page(['a', 'b'], 'next'), EXPIRED, page(['a', 'c']));
    expect(listed).toMatchObject({ names: ['a', 'c'], tokens: [null, 'next', null], limits: ['500', '500', null] });
  });

  it('requests pages of the given size, and transforms each object', async () => {
    const transform: Transform = (object) => ({ ...object, metadata: { ...object.metadata, name: 'kept' } });
    const listed = await listWith({ pageSize: 2, transform }, page(['a', 'b'], 'next'), page(['c']));
    expect(listed).toMatchObject({ names: ['kept', 'kept', 'kept'], limits: ['2', '2'] });
  });

  it('starts over only once', async () => {
    const responses = [page(['a'], 'next'), EXPIRED, page(['a'], 'next'), EXPIRED];
    await expect(listFrom(...responses)).rejects.toMatchObject({ name: 'GoneError' });
  });

  it('does not start over when the first page is rejected', async () => {
    await expect(listFrom(EXPIRED)).rejects.toMatchObject({ name: 'GoneError' });
  });
});
