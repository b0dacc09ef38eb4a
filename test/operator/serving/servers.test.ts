import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type HttpServer, probeRoutes, type Routes, serve } from '@konductor/operator';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';

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

/** A connection without a request; it may end in any way. */
async function open({ port }: HttpServer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
    .on('error', () => {})
    .resume();
  await once(socket, 'connect');
  return socket;
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

  it('closes connections beyond its limit, and accepts new ones when one of them ends', async () => {
    const server = await serve(LOOPBACK, routes, { limits: { connections: 2, requestMs: 60_000 } });
    const held = [await open(server), await open(server)];
    const surplus = await open(server);
    await eventually('the end of the surplus connection', () => surplus.closed);
    expect(held.map(({ closed }) => closed)).toEqual([false, false]);
    held[0]?.destroy();
    const ok = () => fetch(`http://${server.address}/ok`).then((response) => response.ok);
    expect(await eventually('a response', () => ok().catch(() => false))).toBe(true);
    held[1]?.destroy();
    await server.close();
  });

  it.each([
    ['that sends nothing', ''],
    ['that sends half a request', 'GET /ok HTTP/1.1\r\nHost:'],
  ])('closes a connection %s', async (_who, sent) => {
    const server = await serve(LOOPBACK, routes, { limits: { connections: 2, requestMs: 200 } });
    const socket = await open(server);
    socket.write(sent);
    await eventually('the end of the connection', () => socket.closed);
    await server.close();
  });

  it('formats an IPv6 address as in a URL', async () => {
    const server = await serve({ host: '::1', port: 0 }, routes);
    expect(server.address).toMatch(/^\[::1\]:\d+$/);
    await server.close();
  });
});

describe('the probes', () => {
  it.each([
    ['before the cache has synced', false, new AbortController().signal, [503, 'cache not synced yet']],
    ['after the cache has synced', true, new AbortController().signal, [200, 'ok']],
    ['during the shutdown', true, AbortSignal.abort(), [503, 'shutting down']],
  ])('report liveness always, and readiness %s', async (_when, hasSynced, stop, readiness) => {
    expect(await ask(probeRoutes({ hasSynced }, stop), ['/healthz'], ['/readyz'])).toEqual([[200, 'ok'], readiness]);
  });
});
