// KubeTransport on Bun, over Bun's own sockets: the requests that it sends, and how it reads responses.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Respond, respondJson, startLoopback, writeForever } from '../../loopback-server.ts';
import { GET, never, onceConnected, outcomeOf, raw, rawThenClose, run, startServer } from './bun-transport.ts';

describe('KubeTransport on Bun', () => {
  it('sends the method, the body and the credentials, and parses the response', async () => {
    const server = await startServer((response) => respondJson(response, { kind: 'Größe' }, 201));
    const steps = [[{ ...GET, method: 'POST', body: { name: 'größe' } }]] as const;
    const outcomes = await run(server, { steps, headers: { authorization: 'Bearer secret' } });
    expect(outcomes).toEqual([{ response: { kind: 'Größe' } }]);
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

  it.each<[string, Respond]>([
    ['of a known length', (response) => response.end('{"a":"é"}')],
    ['in chunks', (response) => response.write('{"a":', () => response.end('"é"}'))],
    [
      'whose head and characters are split',
      raw('HTTP/1.1 200 O', 'K\r\ncontent-le', 'ngth: 10\r\n\r', '\n{"a":"é"', '}'),
    ],
    [
      'in chunks that are split',
      raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5', '\r\n{"a":\r\n4\r\n', '"b"}\r\n0\r\n', '\r\n'),
    ],
    ['that ends with the connection', rawThenClose('HTTP/1.1 200 OK\r\n\r\n{"a":', '"b"}')],
    [
      'after a 103',
      raw('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
    ],
  ])('reads a response %s', async (_, respond) => {
    expect(await outcomeOf(respond)).toHaveProperty('response');
  });

  it('sends and reads megabytes', async () => {
    const long = 'ü'.repeat(2_000_000);
    const server = await startServer((response, { body }) => respondJson(response, { length: body.length, long }));
    const outcomes = await run(server, { steps: [[{ ...GET, method: 'PUT', bodyBytes: 3_000_000 }]] });
    expect(outcomes).toEqual([{ response: { length: 3_000_000, long } }]);
  });

  it('throws the typed error of a rejection', async () => {
    const rejected = await outcomeOf((response) => respondJson(response, { kind: 'Status', message: 'no batch' }, 404));
    expect(rejected).toEqual({ name: 'NotFoundError', message: 'no batch' });
    const throttled = await outcomeOf((r) => r.writeHead(429, { 'Retry-After': '3' }).end('slow down'));
    expect(throttled).toEqual({ name: 'TooManyRequestsError', message: 'slow down' });
  });
});

describe('KubeTransport on Bun, without a usable response', () => {
  it.each<[string, Respond]>([
    ['500', (response) => respondJson(response, { kind: 'Status' }, 500)],
    ['a success that is not JSON', (response) => response.end('<html>welcome to this hotel</html>')],
    ['a success without a body', (response) => response.end()],
    ['half a response', (r) => r.writeHead(200, { 'content-length': 99 }).write('{"a":', () => r.destroy())],
    ['half a response in chunks', (response) => response.write('{"a":', () => response.destroy())],
    ['half a rejection', (r) => r.writeHead(409, { 'content-length': 99 }).write('{"a":', () => r.destroy())],
    ['half a head', rawThenClose('HTTP/1.1 200 OK\r\ncontent-le')],
    ['bytes that are not HTTP', raw('SSH-2.0-OpenSSH_9.9\r\n')],
    ['a connection that is closed after the request', rawThenClose()],
    ['a connection that breaks after the request', (response) => response.destroy()],
  ])('reports that the request may have arrived after %s', async (_, respond) => {
    expect(await outcomeOf(respond)).toMatchObject({ name: 'UnavailableError', mayHaveArrived: true });
  });

  it.each<[string, Respond]>([
    ['no head', never],
    ['no end', (response) => response.writeHead(200).write('{')],
  ])('gives up at the deadline when there is %s', async (_, respond) => {
    const server = await startServer(onceConnected(respond));
    expect(await run(server, { steps: [[GET], [{ ...GET, timeoutMs: 100 }]] })).toEqual([
      { response: {} },
      { name: 'UnavailableError', message: 'no response within 100ms', mayHaveArrived: true },
    ]);
  });

  it('gives up a response that does not end', async () => {
    expect(await outcomeOf((response) => writeForever(response))).toEqual({
      name: 'UnavailableError',
      message: 'the response is longer than 32 MiB',
      mayHaveArrived: true,
    });
  });

  it('stops when its signal is aborted', async () => {
    const server = await startServer(onceConnected(never));
    expect(await run(server, { steps: [[GET], [{ ...GET, abortAfterMs: 100 }]] })).toEqual([
      { response: {} },
      { name: 'AbortedError', message: 'aborted', mayHaveArrived: true },
    ]);
  });

  it('reports that the request did not arrive when the connection is rejected, or the handshake fails or hangs', async () => {
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

  it('names the address of a refused connection', async () => {
    const closed = await startServer(never);
    await closed.stop();
    expect(await run(closed.url, { steps: [[GET]] })).toMatchObject([
      { message: `connect ECONNREFUSED ${closed.url.host}` },
    ]);
  });
});
