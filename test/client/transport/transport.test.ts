import { describe, expect, it } from 'vitest';
import { connectionTo, respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const PATH = '/apis/konductor.io/v1/namespaces/default/waitgroups';

describe('KubeTransport', () => {
  it.each(['a\nb', 'größe'])('rejects an invalid user agent: %j', (userAgent) => {
    const server = new URL('https://nobody.invalid');
    expect(() => transportTo(server, { userAgent })).toThrow(`invalid user agent ${JSON.stringify(userAgent)}`);
  });
});

describe('KubeTransport.request', () => {
  it('sends the method, the body and the credentials, and parses the response', async () => {
    const server = await startLoopback((response) => respondJson(response, { kind: 'WaitGroup' }, 201));
    const transport = transportTo(connectionTo(server.url, { headers: { authorization: 'Bearer secret' } }), {
      userAgent: 'koncli/1',
    });
    const response = await transport.request({ method: 'POST', path: PATH, body: { name: 'größe' } });
    expect(response).toEqual({ kind: 'WaitGroup' });
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: PATH,
        body: '{"name":"größe"}',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'content-length': '18',
          authorization: 'Bearer secret',
          'user-agent': 'koncli/1',
        },
      },
    ]);
  });

  it('sends a body only if there is one, and the content type of a patch', async () => {
    const server = await startLoopback((response) => respondJson(response, {}));
    const transport = transportTo(server.url);
    await transport.request({ method: 'GET', path: PATH });
    await transport.request({ method: 'PATCH', path: PATH, body: [], contentType: 'application/json-patch+json' });
    const [get, patch] = server.requests;
    expect(get?.headers).not.toHaveProperty('content-type');
    expect(get?.body).toBe('');
    expect(patch?.headers).toMatchObject({ 'content-type': 'application/json-patch+json' });
  });

  it('escapes the query, and omits undefined values', async () => {
    const server = await startLoopback((response) => respondJson(response, {}));
    const query = { labelSelector: 'a in (b, c),d=e&f', limit: 500, watch: true, continue: undefined };
    await transportTo(server.url).request({ method: 'GET', path: PATH, query });
    const url = new URL(server.requests[0]?.url ?? '', server.url);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      labelSelector: 'a in (b, c),d=e&f',
      limit: '500',
      watch: 'true',
    });
  });

  it.each(['/clusters/one', '/clusters/one/'])("appends the path to the server's own: %s", async (prefix) => {
    const server = await startLoopback((response) => respondJson(response, {}));
    await transportTo(new URL(prefix, server.url)).request({ method: 'GET', path: '/version' });
    expect(server.requests).toMatchObject([{ url: '/clusters/one/version' }]);
  });

  it('uses one connection for consecutive requests', async () => {
    const server = await startLoopback((response) => respondJson(response, {}));
    const transport = transportTo(server.url);
    for (let turn = 0; turn < 5; turn++) await transport.request({ method: 'GET', path: PATH });
    expect([server.requests.length, server.connections]).toEqual([5, 1]);
  });

  it('reuses the connection after a rejection', async () => {
    const server = await startLoopback((response) => respondJson(response, { kind: 'Status' }, 409));
    const transport = transportTo(server.url);
    for (let turn = 0; turn < 3; turn++)
      await expect(transport.request({ method: 'GET', path: PATH })).rejects.toMatchObject({ code: 409 });
    expect(server.connections).toBe(1);
  });

  it('reaches a server at an IPv6 address', async (context) => {
    const server = await startLoopback((response) => respondJson(response, { six: true }), { host: '::1' }).catch(() =>
      context.skip('this machine has no IPv6 loopback'),
    );
    expect(await transportTo(server.url).request({ method: 'GET', path: PATH })).toEqual({ six: true });
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
    for (let turn = 0; turn < 3; turn++) await transport.request({ method: 'GET', path: PATH }).catch(() => {});
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
    const pending = transport.request({ method: 'GET', path: PATH });
    await expect.poll(() => isAsked).toBe(true);
    transport.close();
    await expect(pending).resolves.toEqual({ late: true });
  });
});
