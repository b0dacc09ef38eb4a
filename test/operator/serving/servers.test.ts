import { probeRoutes, type Routes, serve } from '@konductor/operator';
import { describe, expect, it } from 'vitest';

const LOOPBACK = { host: '127.0.0.1', port: 0 };

/** The responses to these requests, one after the other. */
async function ask(routes: Routes, ...requests: [path: string, method?: string][]) {
  const server = await serve(LOOPBACK, routes);
  try {
    const responses = [];
    for (const [path, method = 'GET'] of requests) {
      const response = await fetch(`http://${server.address}${path}`, { method });
      responses.push([response.status, await response.text()]);
    }
    return responses;
  } finally {
    await server.close();
  }
}

describe('a server', () => {
  const routes: Routes = {
    '/ok': () => ({ code: 200, body: 'ok' }),
    '/broken': () => {
      throw new Error('out of order');
    },
  };

  it.each([
    ['/ok', 'GET', 200, 'ok'],
    ['/ok?verbose=1', 'GET', 200, 'ok'],
    ['/ok', 'HEAD', 200, ''],
    ['/ok', 'POST', 405, 'method not allowed\n'],
    ['/', 'GET', 404, 'not found\n'],
    ['/toString', 'GET', 404, 'not found\n'],
    ['/broken', 'GET', 500, 'out of order\n'],
  ])('responds to %s by %s with %d', async (path, method, code, body) => {
    expect(await ask(routes, [path, method])).toEqual([[code, body]]);
  });

  it('rejects an address that is in use', async () => {
    const server = await serve(LOOPBACK, routes);
    const port = Number(server.address.split(':').at(-1));
    await expect(serve({ ...LOOPBACK, port }, routes)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.close();
  });

  it('formats an IPv6 address as in a URL', async () => {
    const server = await serve({ host: '::1', port: 0 }, routes);
    expect(server.address).toMatch(/^\[::1\]:\d+$/);
    await server.close();
  });
});

describe('the probes', () => {
  const running = new AbortController().signal;
  it.each([
    ['before the cache has synced', { hasSynced: false }, running, [503, 'cache not synced yet']],
    ['after the cache has synced', {}, running, [200, 'ok']],
    ['while a watch is silent', { silentMs: 200_000 }, running, [200, 'ok']],
    ['when the API server is not reached', { silentMs: 300_001 }, running, [503, 'API server not reached for 5m']],
    ['during the shutdown', {}, AbortSignal.abort(), [503, 'shutting down']],
  ])('report liveness always, and readiness %s', async (_when, parts, stop, readiness) => {
    const { hasSynced, silentMs } = { hasSynced: true, silentMs: 0, ...parts };
    const routes = probeRoutes({ cache: { hasSynced }, apiServer: { silentMs } }, stop);
    expect(await ask(routes, ['/healthz'], ['/readyz'])).toEqual([[200, 'ok'], readiness]);
  });
});
