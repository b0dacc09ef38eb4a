import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type ConnectionLimits, type Routes, serve, serveSecurely } from '@konductor/operator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../control-plane/access/x509.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const LOOPBACK = { host: '127.0.0.1', port: 0 };
const NEVER = 3_600_000;
const LIMITS: ConnectionLimits = { connections: 2, undisturbedMs: 0, openMs: NEVER };
const REQUEST = 'GET /ok HTTP/1.1\r\nHost: x\r\n\r\n';
const RESPONSE = /^HTTP\/1\.1 200 OK\r\n(.*\r\n)*connection: close\r\n\r\nok$/;
const authority = createAuthority('metrics');
const ca = authority.cert;
const certificate = authority.issue({ commonName: 'metrics' }, ['127.0.0.1']);

const servers = {
  plain: { open: serve, dial: (port: number) => connectPlain(port, '127.0.0.1') },
  secure: {
    open: (address: typeof LOOPBACK, routes: Routes, limits: Parameters<typeof serve>[2]) =>
      serveSecurely(address, routes, certificate, limits),
    dial: (port: number) => connectSecurely({ port, host: '127.0.0.1', ca }),
  },
};

describe.each(Object.entries(servers))('a %s server', (name, { open, dial }) => {
  let calls = 0;
  async function start(limits: Partial<ConnectionLimits> = {}, routes: Routes = {}) {
    calls = 0;
    const ok = () => {
      calls++;
      return { code: 200, body: 'ok' };
    };
    const server = await open(LOOPBACK, { '/ok': ok, ...routes }, { ...LIMITS, ...limits });
    onTestFinished(() => server.close());
    return Number(server.address.split(':').at(-1));
  }

  /** It may end in any way. */
  async function connectTo(port: number) {
    let text = '';
    const socket = dial(port);
    socket
      .on('error', () => {})
      .on('data', (chunk) => {
        text += chunk;
      });
    await once(socket, name === 'plain' ? 'connect' : 'secureConnect');
    return { socket, heard: () => text };
  }

  /** What the server sends until the connection ends. */
  async function ask(port: number, text: string) {
    const { socket, heard } = await connectTo(port);
    socket.write(text);
    await once(socket, 'close');
    return heard();
  }

  it('responds to one request, and closes the connection', async () => {
    expect(await ask(await start(), REQUEST)).toMatch(RESPONSE);
  });

  it('closes the connection that has been open longest when one more comes, and serves that one', async () => {
    const port = await start();
    const oldest = await connectTo(port);
    const others = [await connectTo(port), await connectTo(port)];
    await eventually('the end of the oldest', () => oldest.socket.closed);
    for (const { socket, heard } of others) {
      socket.write(REQUEST);
      await eventually('the response to each other one', () => RESPONSE.test(heard()));
    }
  });

  it('serves all clients that connect at the same time, also beyond its limit', async () => {
    const port = await start({ undisturbedMs: NEVER });
    const responses = await Promise.all(Array.from({ length: 20 }, () => ask(port, REQUEST)));
    for (const response of responses) expect(response).toMatch(RESPONSE);
  });

  it.each([
    ['20,000 pipelined requests', REQUEST.repeat(20_000), 200],
    ['a large body', `POST /ok HTTP/1.1\r\n\r\n${'x'.repeat(1_000_000)}`, 405],
    ['a head that is too long', `GET /ok HTTP/1.1\r\nx: ${'x'.repeat(1_000_000)}`, 400],
  ])('responds once to %s', async (_what, text, code) => {
    expect(await ask(await start(), text)).toMatch(
      new RegExp(`^HTTP/1\\.1 ${code} [^]*connection: close\r\n\r\n.*\n?$`),
    );
    expect(calls).toBe(code === 200 ? 1 : 0);
  });

  it.each([
    ['sends nothing', ''],
    ['sends half a request', 'GET /ok HTTP/1.1\r\nHost:'],
    ['does not end after its request', REQUEST],
  ])('ends a connection that %s', async (_what, text) => {
    const { socket } = await connectTo(await start({ openMs: 200 }));
    socket.write(text);
    await eventually('the end', () => socket.closed);
  });

  it.each([
    ['its request', REQUEST],
    ['half a request', 'GET /ok HTTP/1.1\r\nx: '],
  ])('ends a connection whose client sends without end after %s', async (_what, text) => {
    const { socket } = await connectTo(await start());
    // It ignores that the server has ended its side.
    socket.allowHalfOpen = true;
    const part = 'x'.repeat(100_000);
    const send = () => {
      while (socket.write(part));
    };
    socket.on('drain', send).write(text);
    send();
    onTestFinished(() => void socket.destroy());
    await eventually('the end', () => socket.closed);
  });

  it('ends a connection whose client does not read', async () => {
    const body = 'x'.repeat(20_000_000);
    const port = await start({ openMs: 200 }, { '/big': () => ({ code: 200, body }) });
    const { socket, heard } = await connectTo(port);
    socket.write('GET /big HTTP/1.1\r\n\r\n');
    socket.pause();
    // A paused socket notices the end only when it sends.
    await eventually('the end', () => {
      socket.write('x');
      return socket.closed;
    });
    expect(heard().length).toBeLessThan(body.length);
  });

  it('responds to a client that ends its side after the request', async () => {
    const { socket, heard } = await connectTo(await start());
    socket.end(REQUEST);
    await once(socket, 'close');
    expect(heard()).toMatch(RESPONSE);
  });

  it.each([
    ['no request line', '\r\n\r\n'],
    ['a line that is none', 'hello\r\n\r\n'],
    ['another protocol', 'GET /ok HTTP/2.0\r\n\r\n'],
  ])('responds to %s with 400', async (_what, text) => {
    expect(await ask(await start(), text)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(calls).toBe(0);
  });
});

it('ends a connection whose TLS handshake does not end', async () => {
  const server = await serveSecurely(LOOPBACK, {}, certificate, { ...LIMITS, openMs: 200 });
  onTestFinished(() => server.close());
  const socket = connectPlain(Number(server.address.split(':').at(-1)), '127.0.0.1').on('error', () => {});
  socket.write('\x16\x03\x01');
  await eventually('the end', () => socket.closed);
});
