import type { ServerResponse } from 'node:http';
import type { Connection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../control-plane/access/x509.ts';
import {
  connectionTo,
  json,
  type LoopbackServer,
  respondJson,
  startLoopback,
  transportTo,
} from '../loopback-server.ts';

const GET = { method: 'GET', path: '/version' } as const;

/** Provides `token-0`, and the next number after each renewal. */
function rotating(server: URL): Connection {
  let number = 0;
  return {
    ...connectionTo(server),
    credentials: async () => ({ headers: { authorization: `Bearer token-${number}` }, tls: {} }),
    renew: () => {
      number++;
    },
  };
}

/** Accepts one token and rejects all others with 401. */
const startGuarded = (accepted: string) =>
  startLoopback((response, { headers }) => respondJson(response, {}, headers.authorization === accepted ? 200 : 401));

const tokensOf = ({ requests }: LoopbackServer) => requests.map(({ headers }) => headers.authorization);

describe('KubeTransport, when its credentials are rejected', () => {
  it('renews them and sends the request again, once', async () => {
    const server = await startGuarded('Bearer token-1');
    const transport = transportTo(rotating(server.url));
    await transport.request({ method: 'PUT', path: '/version', body: { n: 1 } });
    await transport.request(GET);
    expect(tokensOf(server)).toEqual(['Bearer token-0', 'Bearer token-1', 'Bearer token-1']);
    expect(server.requests.slice(0, 2).map(({ body }) => body)).toEqual(['{"n":1}', '{"n":1}']);
  });

  it('gives up when the new ones are rejected as well', async () => {
    const server = await startGuarded('Bearer token-2');
    await expect(transportTo(rotating(server.url)).request(GET)).rejects.toMatchObject({ name: 'UnauthorizedError' });
    expect([...new Set(tokensOf(server))]).toEqual(['Bearer token-0', 'Bearer token-1']);
  });

  it('renews them for a stream too', async () => {
    const server = await startGuarded('Bearer token-1');
    for await (const chunk of await transportTo(rotating(server.url)).stream(GET)) expect(chunk).toBe('{}');
    expect(server.requests).toHaveLength(2);
  });
});

describe('KubeTransport over TLS', () => {
  const authority = createAuthority('test');
  const serving = authority.issue({ commonName: 'server' }, ['127.0.0.1']);
  const client = authority.issue({ commonName: 'worker' });
  const tls = { ...serving, ca: authority.cert, requestCert: true, rejectUnauthorized: false };

  it('trusts a server whose certificate the authority signed, on one connection', async () => {
    const server = await startLoopback(json({ safe: true }), { tls });
    const transport = transportTo(connectionTo(server.url, { tls: { ca: authority.cert } }));
    expect(await transport.request(GET)).toEqual({ safe: true });
    await transport.request(GET);
    expect(server.connections).toBe(1);
  });

  it('presents the client certificate', async () => {
    const isAuthorized = ({ socket }: ServerResponse) => Reflect.get(socket ?? {}, 'authorized');
    const server = await startLoopback((response) => respondJson(response, isAuthorized(response)), { tls });
    const request = (material: object) =>
      transportTo(connectionTo(server.url, { tls: { ca: authority.cert, ...material } })).request(GET);
    expect([await request({}), await request(client)]).toEqual([false, true]);
  });

  it.each([
    ['another authority signed', { ca: createAuthority('other').cert }],
    ['no trusted authority signed', {}],
    ['is for another name', { ca: authority.cert, servername: 'kubernetes' }],
  ])('rejects a server whose certificate %s, before it sends anything', async (_, material) => {
    const server = await startLoopback(undefined, { tls });
    const transport = transportTo(connectionTo(server.url, { tls: material }));
    await expect(transport.request(GET)).rejects.toMatchObject({ name: 'UntrustedServerError' });
    expect(server.requests).toEqual([]);
  });

  it('rejects a server without TLS', async () => {
    const server = await startLoopback();
    const url = new URL(server.url.href.replace('http:', 'https:'));
    const untrusted = { name: 'UntrustedServerError', reason: 'noTls', message: 'the server does not use TLS' };
    await expect(transportTo(url).request(GET)).rejects.toMatchObject(untrusted);
  });

  it('reports that the request did not arrive when the handshake fails', async () => {
    const server = await startLoopback(undefined, { tls: { ...tls, rejectUnauthorized: true, maxVersion: 'TLSv1.2' } });
    const transport = transportTo(connectionTo(server.url, { tls: { ca: authority.cert } }));
    await expect(transport.request(GET)).rejects.toMatchObject({ name: 'UnavailableError', mayHaveArrived: false });
  });
});
