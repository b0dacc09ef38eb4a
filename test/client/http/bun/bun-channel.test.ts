// KubeTransport on Bun, over Bun's own sockets: the requests that it sends, and how it reads responses.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { json, type Respond, respondJson, startLoopback, writeForever } from '../../loopback-server.ts';
import { CREDENTIALS, POST, receivedPost } from '../../posted.ts';
import { ENDLESS, never, send, UNUSABLE } from '../../responses.ts';
import {
  EMPTY_OBJECT,
  GET,
  onceConnected,
  outcomeOf,
  raw,
  rawThenClose,
  run,
  startServer,
  tls,
} from './bun-transport.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

describe('KubeTransport on Bun', () => {
  it.each([
    ['sockets', tls],
    ['node:https', { rejectUnauthorized: false }],
  ])('sends the method, the body and the credentials, and parses the response, over %s', async (_, material) => {
    const server = await startServer(json({ kind: 'Größe' }, 201));
    const outcomes = await run(server, { steps: [[{ ...GET, ...POST }]], headers: CREDENTIALS, tls: material });
    expect(outcomes).toEqual([{ response: { kind: 'Größe' } }]);
    expect(server.requests).toMatchObject([receivedPost('konductor')]);
    expect(server.requests[0]?.headers.host).toBe(server.url.host);
  });

  it.each<[string, Respond]>([
    ['of a known length', (response) => response.end('{"a":"é"}')],
    ['in chunks', (response) => response.write('{"a":', () => response.end('"é"}'))],
    ['that is split anywhere', raw('HTTP/1.1 200 O', 'K\r\ncontent-le', 'ngth: 10\r\n\r', '\n{"a":"é"', '}')],
    ['in chunks that are split', raw(`${CHUNKED}5`, '\r\n{"a":\r\n4\r\n', '"b"}\r\n0\r\n', '\r\n')],
    ['that ends with the connection', rawThenClose('HTTP/1.1 200 OK\r\n\r\n{"a":', '"b"}')],
    ['after a 103', raw('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', EMPTY_OBJECT)],
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
    const rejected = await outcomeOf(json({ kind: 'Status', message: 'no batch' }, 404));
    expect(rejected).toEqual({ name: 'NotFoundError', message: 'no batch' });
    const throttled = await outcomeOf(send(429, { 'Retry-After': '3' }, 'slow down'));
    expect(throttled).toEqual({ name: 'TooManyRequestsError', message: 'slow down' });
  });
});

describe('KubeTransport on Bun, without a usable response', () => {
  it.each<readonly [string, Respond]>([
    ...UNUSABLE,
    ['half a response in chunks', (response) => response.write('{"a":', () => response.destroy())],
    ['half a head', rawThenClose('HTTP/1.1 200 OK\r\ncontent-le')],
    ['a negative chunk size', raw(`${CHUNKED}-5\r\nabc\r\n0\r\n\r\n`)],
    ['bytes that are not HTTP', raw('SSH-2.0-OpenSSH_9.9\r\n')],
    ['a connection that is closed after the request', rawThenClose()],
  ])('reports that the request may have arrived after %s', async (_, respond) => {
    expect(await outcomeOf(respond)).toMatchObject({ name: 'UnavailableError', mayHaveArrived: true });
  });

  it.each(ENDLESS)('gives up at the deadline when there is %s', async (_, respond) => {
    const server = await startServer(onceConnected(respond));
    expect(await run(server, { steps: [[GET], [{ ...GET, timeoutMs: 100 }]] })).toEqual([
      { response: {} },
      { name: 'UnavailableError', message: 'no response within 100ms', mayHaveArrived: true },
    ]);
  });

  it('gives up a response that does not end', async () => {
    const message = 'the response is longer than 8 MiB';
    expect(await outcomeOf(writeForever)).toEqual({ name: 'UnavailableError', message, mayHaveArrived: true });
  });

  it('stops when its signal is aborted', async () => {
    const server = await startServer(onceConnected(never));
    expect(await run(server, { steps: [[GET], [{ ...GET, abortAfterMs: 100 }]] })).toEqual([
      { response: {} },
      { name: 'AbortedError', message: 'aborted', mayHaveArrived: true },
    ]);
  });

  it('reports that the request did not arrive when the connection is rejected, or the handshake hangs', async () => {
    const closed = await startServer();
    await closed.stop();
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const urls = [closed.url, new URL(`https://127.0.0.1:${port}`)];
    const failure = { name: 'UnavailableError', mayHaveArrived: false };
    for (const url of urls) expect(await run(url, { steps: [[{ ...GET, timeoutMs: 300 }]] })).toMatchObject([failure]);
  });

  it('rejects a server without TLS', async () => {
    const { host } = (await startLoopback()).url;
    const untrusted = { name: 'UntrustedServerError', message: 'the server does not use TLS' };
    expect(await run(new URL(`https://${host}`), {})).toEqual([untrusted]);
  });

  it('names the address of a refused connection', async () => {
    const closed = await startServer();
    await closed.stop();
    const message = `connect ECONNREFUSED ${closed.url.host}`;
    expect(await run(closed.url, {})).toMatchObject([{ message }]);
  });
});
