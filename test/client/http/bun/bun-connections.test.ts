// KubeTransport on Bun: the servers that it trusts, and how it reuses connections.
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../control-plane/access/x509.ts';
import { json, type Respond, respondJson, startLoopback } from '../../loopback-server.ts';
import type { Script } from './bun-script.ts';
import { authority, EMPTY_OBJECT, GET, raw, rawThenClose, run, startServer, tls } from './bun-transport.ts';

describe('KubeTransport on Bun, over TLS', () => {
  it('presents the client certificate', async () => {
    const isAuthorized = ({ socket }: ServerResponse) => Reflect.get(socket ?? {}, 'authorized');
    const server = await startServer((response) => respondJson(response, isAuthorized(response)));
    const client = authority.issue({ commonName: 'worker' });
    const outcomes = [...(await run(server, {})), ...(await run(server, { tls: { ...tls, ...client } }))];
    expect(outcomes).toEqual([{ response: false }, { response: true }]);
  });

  it.each([
    ['another authority signed', { ca: createAuthority('other').cert }],
    ['no trusted authority signed', {}],
    ['is for another name', { ...tls, servername: 'kubernetes' }],
  ])('rejects a server whose certificate %s, before it sends anything', async (_, material) => {
    const server = await startServer();
    expect(await run(server, { tls: material })).toMatchObject([{ name: 'UntrustedServerError' }]);
    expect(server.requests).toEqual([]);
  });

  it('rejects a certificate for another address', async () => {
    const elsewhere = authority.issue({ commonName: 'server' }, ['127.0.0.9', 'localhost']);
    const server = await startLoopback(json({}), { tls: elsewhere });
    expect(await run(server, {})).toMatchObject([{ name: 'UntrustedServerError' }]);
    expect(await run(server, { tls: { ...tls, servername: 'localhost' } })).toEqual([{ response: {} }]);
    expect(server.requests).toHaveLength(1);
  });

  it('accepts any certificate when verification is off', async () => {
    const server = await startServer();
    expect(await run(server, { tls: { rejectUnauthorized: false } })).toEqual([{ response: {} }]);
  });

  it.each<[string, Partial<Script>]>([
    ['CA', { tls: { ca: 'nonsense' } }],
    ['certificate', { tls: { ...tls, cert: 'nonsense' } }],
    ['token', { headers: { authorization: 'Bearer a\r\nX-Remote-User: admin' } }],
    ['user to impersonate', { headers: { 'impersonate-user': 'a\nb' } }],
    ['field name', { headers: { 'impersonate-extra-a: b\r\nX-Remote-User': 'admin' } }],
  ])('reports a malformed %s', async (_, script) => {
    const server = await startServer();
    expect(await run(server, script)).toMatchObject([
      {
        name: 'ConnectionError',
        message: expect.stringMatching(
          /^the credentials are malformed \(.+\): check CA, certificate, key, token and the user to impersonate$/,
        ),
      },
    ]);
    expect(server.requests).toEqual([]);
  });
});

describe('KubeTransport on Bun, from one request to the next', () => {
  it('uses one connection for consecutive requests, also after a rejection', async () => {
    const server = await startServer((response, _, turn) => respondJson(response, { turn }, turn === 1 ? 409 : 200));
    expect(await run(server, { steps: [[GET], [GET], [GET]] })).toMatchObject([
      { response: { turn: 0 } },
      { name: 'ConflictError' },
      { response: { turn: 2 } },
    ]);
    expect(server.connections).toBe(1);
  });

  it('uses one connection per concurrent request, and returns to each its own response', async () => {
    const server = await startServer((response, { body }) => respondJson(response, JSON.parse(body)));
    const step = Array.from({ length: 20 }, (_, number) => ({ ...GET, method: 'PUT', body: { number } }) as const);
    const responses = step.map(({ body }) => ({ response: body }));
    expect(await run(server, { steps: [step, step] })).toEqual([...responses, ...responses]);
    expect(server.connections).toBe(20);
  });

  it.each<[string, Respond]>([
    ['announces that it closes it', (response) => response.writeHead(200, { connection: 'close' }).end('{}')],
    ['closes it', rawThenClose(EMPTY_OBJECT)],
    ['keeps sending', raw(`${EMPTY_OBJECT}HTTP/1.1 200 OK\r\n\r\n`)],
    ['sends without a request', raw(EMPTY_OBJECT, 'HTTP/1.1 200 OK\r\n')],
  ])('opens another connection when the server %s', async (_, respond) => {
    const { promise: hasResponded, resolve } = Promise.withResolvers<void>();
    const server = await startServer(async (...args) => {
      await respond(...args);
      resolve();
    });
    const outcomes = await run(server, { steps: [[GET], [GET]] }, hasResponded);
    expect(outcomes).toEqual([{ response: {} }, { response: {} }]);
    expect(server.connections).toBe(2);
  });

  it('does not parse bytes after a response as the head of the next', async () => {
    const twoHeads = `${EMPTY_OBJECT}HTTP/1.1 200 OK\r\n`;
    const conflict = 'HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}';
    const server = await startServer((...args) => raw(args[2] === 0 ? twoHeads : conflict)(...args));
    expect(await run(server, { steps: [[GET], [GET]] })).toMatchObject([{ response: {} }, { name: 'ConflictError' }]);
    expect(server.connections).toBe(2);
  });

  it('keeps the connection after a long response, and reads a split head after it', async () => {
    const server = await startServer((response, request, turn) => {
      if (turn < 2) return respondJson(response, { long: 'x'.repeat(turn === 0 ? 100_000 : 79_000) });
      const head = `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(4_000)}\r\n`;
      raw(head, 'content-length: 2\r\n\r\n{}')(response, request, turn);
    });
    expect((await run(server, { steps: [[GET], [GET], [GET]] })).at(-1)).toEqual({ response: {} });
    expect(server.connections).toBe(1);
  });

  it('opens another connection after a response that timed out', async () => {
    const server = await startServer((response, _, turn) => {
      if (turn !== 1) respondJson(response, { turn });
    });
    expect(await run(server, { steps: [[GET], [{ ...GET, timeoutMs: 50 }], [GET]] })).toMatchObject([
      { response: { turn: 0 } },
      { name: 'UnavailableError' },
      { response: { turn: 2 } },
    ]);
  });
});
