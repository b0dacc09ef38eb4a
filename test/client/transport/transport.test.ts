import { describe, expect, it } from 'vitest';
import { connectionTo, json, respondJson, startLoopback, transportTo } from '../loopback-server.ts';
import { CREDENTIALS, POST, receivedPost } from '../posted.ts';

const PATH = '/apis/konductor.io/v1/namespaces/default/waitgroups';
const GET = { method: 'GET', path: PATH } as const;

describe('KubeTransport', () => {
  it.each(['a\nb', 'a\x7f'])('rejects an invalid user agent: %j', (userAgent) => {
    const server = new URL('https://nobody.invalid');
    expect(() => transportTo(server, { userAgent })).toThrow(`invalid user agent ${JSON.stringify(userAgent)}`);
  });
});

describe('KubeTransport.request', () => {
  it('sends the method, the body and the credentials, and parses the response', async () => {
    const server = await startLoopback(json({ kind: 'WaitGroup' }, 201));
    const connection = connectionTo(server.url, { headers: CREDENTIALS });
    const transport = transportTo(connection, { userAgent: 'koncli/1' });
    expect(await transport.request(POST)).toEqual({ kind: 'WaitGroup' });
    expect(server.requests).toMatchObject([receivedPost('koncli/1')]);
  });

  it('sends a body only if there is one, and the content type of a patch', async () => {
    const server = await startLoopback();
    const transport = transportTo(server.url);
    await transport.request(GET);
    await transport.request({ method: 'PATCH', path: PATH, body: [], contentType: 'application/json-patch+json' });
    const [get, patch] = server.requests;
    expect(get?.headers).not.toHaveProperty('content-type');
    expect(get?.body).toBe('');
    expect(patch?.headers).toMatchObject({ 'content-type': 'application/json-patch+json' });
  });

  it('escapes the query, and omits undefined values', async () => {
    const server = await startLoopback();
    const query = { labelSelector: 'a in (b, c),d=e&f', limit: 500, watch: true, continue: undefined };
    await transportTo(server.url).request({ ...GET, query });
    const url = new URL(server.requests[0]?.url ?? '', server.url);
    const { labelSelector } = query;
    expect(Object.fromEntries(url.searchParams)).toEqual({ labelSelector, limit: '500', watch: 'true' });
  });

  it.each(['/clusters/one', '/clusters/one/'])("appends the path to the server's own: %s", async (prefix) => {
    const server = await startLoopback();
    await transportTo(new URL(prefix, server.url)).request({ method: 'GET', path: '/version' });
    expect(server.requests).toMatchObject([{ url: '/clusters/one/version' }]);
  });

  it.each(['request', 'stream'] as const)("reads the server's clock from the response to a %s", async (method) => {
    const date = new Date(Date.now() + 7_200_000).toUTCString();
    const server = await startLoopback((response) => response.setHeader('date', date).end('{}'));
    const transport = transportTo(server.url);
    await transport[method](GET);
    expect(Math.round(transport.clock.aheadMs / 60_000)).toBe(-120);
  });

  it('uses one connection for consecutive requests', async () => {
    const server = await startLoopback();
    const transport = transportTo(server.url);
    for (let turn = 0; turn < 5; turn++) await transport.request(GET);
    expect([server.requests.length, server.connections]).toEqual([5, 1]);
  });

  it('reuses the connection after a rejection', async () => {
    const server = await startLoopback(json({ kind: 'Status' }, 409));
    const transport = transportTo(server.url);
    for (let turn = 0; turn < 3; turn++) await expect(transport.request(GET)).rejects.toMatchObject({ code: 409 });
    expect(server.connections).toBe(1);
  });

  it('reaches a server at an IPv6 address', async (context) => {
    const skip = () => context.skip('this machine has no IPv6 loopback');
    const server = await startLoopback(json({ six: true }), { host: '::1' }).catch(skip);
    expect(await transportTo(server.url).request(GET)).toEqual({ six: true });
  });

  it('reports each request with its code, or as an error', async () => {
    const server = await startLoopback((response, _, turn) => {
      if (turn === 2) response.destroy();
      else respondJson(response, { kind: 'Status' }, turn === 0 ? 200 : 404);
    });
    const seen: unknown[] = [];
    const transport = transportTo(server.url, {
      onRequest: ({ method, code, host, seconds }) => seen.push([method, code, host, seconds > 0 && seconds < 10]),
    });
    for (let turn = 0; turn < 3; turn++) await transport.request(GET).catch(() => {});
    expect(seen).toEqual(['200', '404', '<error>'].map((code) => ['GET', code, server.url.host, true]));
  });
});

describe('KubeTransport.close', () => {
  it('lets a request in flight finish', async () => {
    let isAsked = false;
    const server = await startLoopback((response) => {
      isAsked = true;
      setTimeout(() => respondJson(response, { late: true }), 50);
    });
    const transport = transportTo(server.url);
    const pending = transport.request(GET);
    await expect.poll(() => isAsked).toBe(true);
    transport.close();
    await expect(pending).resolves.toEqual({ late: true });
  });
});
