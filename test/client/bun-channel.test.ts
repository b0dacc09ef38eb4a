// KubeTransport on Bun, whose requests go over Bun's own sockets: the same as on Node, in a process of Bun's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { root } from '../../scripts/executables.ts';
import { createAuthority } from '../control-plane/x509.ts';
import type { Script, Sending, SendingOutcome } from './bun-script.ts';
import { type Answer, answerJson, type LoopbackServer, startLoopback } from './loopback-server.ts';

// Each starts a Bun, some of them three.
vi.setConfig({ testTimeout: 30_000 });
const GET = { method: 'GET', timeoutMs: 20_000 } as const;
const authority = createAuthority('test');
const serving = authority.issue({ commonName: 'server' }, ['127.0.0.1']);
const serverTls = { ...serving, ca: authority.cert, requestCert: true, rejectUnauthorized: false };
const tls = { ca: authority.cert };

const startServer = (answer: Answer) => startLoopback(answer, { tls: serverTls });

async function run(server: LoopbackServer | URL, script: Partial<Script>): Promise<SendingOutcome[]> {
  const { href } = 'href' in server ? server : server.url;
  const argument: Script = { server: href, tls, steps: [[GET]], ...script };
  const child = spawn(
    join(root, 'node_modules/.bin/bun'),
    ['--conditions=konductor-source', join(import.meta.dirname, 'bun-script.ts'), JSON.stringify(argument)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = await text(child.stdout);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function outcomeOf(answer: Answer, sending: Sending = GET): Promise<SendingOutcome | undefined> {
  const [outcome] = await run(await startServer(answer), { steps: [[sending]] });
  return outcome;
}

/** Sends these bytes as they are, a piece at a time, and leaves the connection open. */
const raw =
  (...pieces: string[]): Answer =>
  async ({ socket }) => {
    for (const piece of pieces) {
      socket?.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
const rawThenClose =
  (...pieces: string[]): Answer =>
  async (response, request, turn) => {
    await raw(...pieces)(response, request, turn);
    response.socket?.end();
  };
const never: Answer = () => {};
/** For deadlines that must not pass before there is a connection. */
const onceConnected =
  (answer: Answer): Answer =>
  (response, request, turn) =>
    turn === 0 ? answerJson(response, {}) : answer(response, request, turn);

describe('KubeTransport on Bun', () => {
  it('sends the method, the body and who asks, and parses the answer', async () => {
    const server = await startServer((response) => answerJson(response, { kind: 'Größe' }, 201));
    const steps = [[{ ...GET, method: 'POST', body: { name: 'größe' } }]] as const;
    const outcomes = await run(server, { steps, headers: { authorization: 'Bearer secret' } });
    expect(outcomes).toEqual([{ answer: { kind: 'Größe' } }]);
    expect(server.requests).toMatchObject([
      {
        method: 'POST',
        url: '/version',
        body: '{"name":"größe"}',
        headers: {
          host: server.url.host,
          accept: 'application/json',
          'content-type': 'application/json',
          'content-length': '18',
          authorization: 'Bearer secret',
          'user-agent': 'konductor',
        },
      },
    ]);
  });

  it.each<[string, Answer]>([
    ['of a known length', (response) => response.end('{"a":"é"}')],
    ['in chunks', (response) => response.write('{"a":', () => response.end('"é"}'))],
    [
      'whose head and characters are cut',
      raw('HTTP/1.1 200 O', 'K\r\ncontent-le', 'ngth: 10\r\n\r', '\n{"a":"é"', '}'),
    ],
    [
      'in chunks that are cut',
      raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5', '\r\n{"a":\r\n4\r\n', '"b"}\r\n0\r\n', '\r\n'),
    ],
    ['that ends with the connection', rawThenClose('HTTP/1.1 200 OK\r\n\r\n{"a":', '"b"}')],
    [
      'after a hint',
      raw('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
    ],
  ])('takes an answer %s', async (_, answer) => {
    expect(await outcomeOf(answer)).toHaveProperty('answer');
  });

  it('sends and takes megabytes', async () => {
    const long = 'ü'.repeat(2_000_000);
    const server = await startServer((response, { body }) => answerJson(response, { length: body.length, long }));
    const outcomes = await run(server, { steps: [[{ ...GET, method: 'PUT', bodyBytes: 3_000_000 }]] });
    expect(outcomes).toEqual([{ answer: { length: 3_000_000, long } }]);
  });

  it('says of a refusal what it was', async () => {
    const refused = await outcomeOf((response) => answerJson(response, { kind: 'Status', message: 'no batch' }, 404));
    expect(refused).toEqual({ name: 'NotFoundError', message: 'no batch' });
    const throttled = await outcomeOf((r) => r.writeHead(429, { 'Retry-After': '3' }).end('slow down'));
    expect(throttled).toEqual({ name: 'TooManyRequestsError', message: 'slow down' });
  });
});

describe('KubeTransport on Bun, without a usable answer', () => {
  it.each<[string, Answer]>([
    ['500', (response) => answerJson(response, { kind: 'Status' }, 500)],
    ['a success that is not JSON', (response) => response.end('<html>welcome to this hotel</html>')],
    ['a success without a body', (response) => response.end()],
    ['half an answer', (r) => r.writeHead(200, { 'content-length': 99 }).write('{"a":', () => r.destroy())],
    ['half an answer in chunks', (response) => response.write('{"a":', () => response.destroy())],
    ['half a refusal', (r) => r.writeHead(409, { 'content-length': 99 }).write('{"a":', () => r.destroy())],
    ['half a head', rawThenClose('HTTP/1.1 200 OK\r\ncontent-le')],
    ['what is not HTTP', raw('SSH-2.0-OpenSSH_9.9\r\n')],
    ['a connection that is closed after the request', rawThenClose()],
    ['a connection that breaks after the request', (response) => response.destroy()],
  ])('says of %s that the request may have arrived', async (_, answer) => {
    expect(await outcomeOf(answer)).toMatchObject({ name: 'UnavailableError', mayHaveArrived: true });
  });

  it.each<[string, Answer]>([
    ['no head', never],
    ['no end', (response) => response.writeHead(200).write('{')],
  ])('gives up at the deadline when there is %s', async (_, answer) => {
    const server = await startServer(onceConnected(answer));
    expect(await run(server, { steps: [[GET], [{ ...GET, timeoutMs: 100 }]] })).toEqual([
      { answer: {} },
      { name: 'UnavailableError', message: 'no answer within 100 ms', mayHaveArrived: true },
    ]);
  });

  it('stops when it is told to', async () => {
    const server = await startServer(onceConnected(never));
    expect(await run(server, { steps: [[GET], [{ ...GET, abortAfterMs: 100 }]] })).toEqual([
      { answer: {} },
      { name: 'AbortedError', message: 'aborted', mayHaveArrived: true },
    ]);
  });

  it('says of a refused connection and of a handshake that fails or hangs that the request never arrived', async () => {
    const closed = await startServer(never);
    await closed.stop();
    const plain = await startLoopback(never);
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const urls = [closed.url, new URL(plain.url.href.replace('http:', 'https:')), new URL(`https://127.0.0.1:${port}`)];
    for (const url of urls)
      expect(await run(url, { steps: [[{ ...GET, timeoutMs: 300 }]] })).toMatchObject([
        { name: 'UnavailableError', mayHaveArrived: false },
      ]);
  });

  it('says of a refused connection who refused it', async () => {
    const closed = await startServer(never);
    await closed.stop();
    expect(await run(closed.url, { steps: [[GET]] })).toMatchObject([
      { message: `connect ECONNREFUSED ${closed.url.host}` },
    ]);
  });
});

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
    const server = await startServer(answer);
    expect(await run(server, { steps: [[GET], [GET]] })).toEqual([{ answer: {} }, { answer: {} }]);
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
