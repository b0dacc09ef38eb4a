// KubeTransport on Bun: whom it trusts, and how it uses a connection again.
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../../control-plane/access/x509.ts';
import type { Script } from '../../bun-script.ts';
import { authority, GET, raw, rawThenClose, run, startServer, tls } from '../../bun-transport.ts';
import { type Answer, answerJson, startLoopback } from '../../loopback-server.ts';

describe('KubeTransport on Bun, over TLS', () => {
  it('presents the client certificate', async () => {
    const server = await startServer((response) =>
      answerJson(response, Reflect.get(response.socket ?? {}, 'authorized')),
    );
    const client = authority.issue({ commonName: 'worker' });
    const outcomes = [...(await run(server, {})), ...(await run(server, { tls: { ...tls, ...client } }))];
    expect(outcomes).toEqual([{ answer: false }, { answer: true }]);
  });

  it.each([
    ['another authority signed', { ca: createAuthority('other').cert }],
    ['no authority of ours signed', {}],
    ['is for another name', { ...tls, servername: 'kubernetes' }],
  ])('refuses a server whose certificate %s, before it sends anything', async (_, material) => {
    const server = await startServer((response) => answerJson(response, {}));
    expect(await run(server, { tls: material })).toMatchObject([{ name: 'UntrustedServerError' }]);
    expect(server.requests).toEqual([]);
  });

  it('refuses a certificate that is for another address', async () => {
    const elsewhere = authority.issue({ commonName: 'server' }, ['127.0.0.9', 'localhost']);
    const server = await startLoopback((response) => answerJson(response, {}), { tls: elsewhere });
    expect(await run(server, {})).toMatchObject([{ name: 'UntrustedServerError' }]);
    expect(await run(server, { tls: { ...tls, servername: 'localhost' } })).toEqual([{ answer: {} }]);
    expect(server.requests).toHaveLength(1);
  });

  it('takes any certificate when it is told not to verify', async () => {
    const server = await startServer((response) => answerJson(response, {}));
    expect(await run(server, { tls: { rejectUnauthorized: false } })).toEqual([{ answer: {} }]);
  });

  it.each<[string, Partial<Script>]>([
    ['CA', { tls: { ca: 'nonsense' } }],
    ['certificate', { tls: { ...tls, cert: 'nonsense' } }],
    ['token', { headers: { authorization: 'Bearer a\r\nX-Remote-User: admin' } }],
    ['field name', { headers: { 'impersonate-extra-a: b\r\nX-Remote-User': 'admin' } }],
  ])('names a malformed %s', async (_, script) => {
    const server = await startServer((response) => answerJson(response, {}));
    expect(await run(server, script)).toMatchObject([
      { name: 'ConnectionError', message: expect.stringMatching(/^the credentials are malformed \(.+\)/) },
    ]);
    expect(server.requests).toEqual([]);
  });
});

describe('KubeTransport on Bun, from one request to the next', () => {
  it('uses one connection for requests that follow each other, also after a refusal', async () => {
    const server = await startServer((response, _, turn) => answerJson(response, { turn }, turn === 1 ? 409 : 200));
    expect(await run(server, { steps: [[GET], [GET], [GET]] })).toMatchObject([
      { answer: { turn: 0 } },
      { name: 'ConflictError' },
      { answer: { turn: 2 } },
    ]);
    expect(server.connections).toBe(1);
  });

  it('uses as many as there are requests at once, and gives each its own answer', async () => {
    const server = await startServer((response, { body }) => answerJson(response, JSON.parse(body)));
    const step = Array.from({ length: 20 }, (_, number) => ({ ...GET, method: 'PUT', body: { number } }) as const);
    const answers = step.map(({ body }) => ({ answer: body }));
    expect(await run(server, { steps: [step, step] })).toEqual([...answers, ...answers]);
    expect(server.connections).toBe(20);
  });

  it.each<[string, Answer]>([
    ['says that it closes it', (response) => response.writeHead(200, { connection: 'close' }).end('{}')],
    ['closes it', rawThenClose('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}')],
    ['goes on talking', raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n')],
    ['talks out of turn', raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}', 'HTTP/1.1 200 OK\r\n')],
  ])('takes another connection when the server %s', async (_, answer) => {
    const { promise: hasDoneSo, resolve } = Promise.withResolvers<void>();
    const server = await startServer(async (...args) => {
      await answer(...args);
      resolve();
    });
    const outcomes = await run(server, { steps: [[GET], [GET]] }, hasDoneSo);
    expect(outcomes).toEqual([{ answer: {} }, { answer: {} }]);
    expect(server.connections).toBe(2);
  });

  it('takes nothing that follows an answer for the head of the next', async () => {
    const twoHeads = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n';
    const conflict = 'HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}';
    let socket: Socket | null = null;
    const server = await startServer((response, _, turn) => {
      // Node gives it to the first answer, which does not end.
      socket ??= response.socket;
      socket?.write(turn === 0 ? twoHeads : conflict);
    });
    expect(await run(server, { steps: [[GET], [GET]] })).toMatchObject([{ answer: {} }, { name: 'ConflictError' }]);
  });

  it('keeps the connection after a long answer, and takes a head that is cut after it', async () => {
    const server = await startServer((response, request, turn) => {
      if (turn < 2) return answerJson(response, { long: 'x'.repeat(turn === 0 ? 100_000 : 79_000) });
      const head = `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(4_000)}\r\n`;
      raw(head, 'content-length: 2\r\n\r\n{}')(response, request, turn);
    });
    expect((await run(server, { steps: [[GET], [GET], [GET]] })).at(-1)).toEqual({ answer: {} });
    expect(server.connections).toBe(1);
  });

  it('takes another connection after an answer that nobody waited for', async () => {
    const server = await startServer((response, _, turn) => {
      if (turn !== 1) answerJson(response, { turn });
    });
    expect(await run(server, { steps: [[GET], [{ ...GET, timeoutMs: 50 }], [GET]] })).toMatchObject([
      { answer: { turn: 0 } },
      { name: 'UnavailableError' },
      { answer: { turn: 2 } },
    ]);
  });
});
