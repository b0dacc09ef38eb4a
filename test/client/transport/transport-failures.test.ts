import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { AbortedError, type KubeTransport, mayHaveArrived, UnavailableError } from '@konductor/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  connectionTo,
  type Respond,
  respondJson,
  startLoopback,
  transportTo,
  writeForever,
} from '../loopback-server.ts';

const GET = { method: 'GET', path: '/version' } as const;
const never: Respond = () => {};

async function failureOf(respond: Respond, timeoutMs = 5_000): Promise<unknown> {
  const server = await startLoopback(respond);
  return transportTo(server.url)
    .request({ ...GET, timeoutMs })
    .catch((error: unknown) => error);
}

describe('KubeTransport, when the request is rejected', () => {
  it.each<[string, Respond, object]>([
    [
      '404 with a Status',
      (r) => respondJson(r, { kind: 'Status', message: 'no batch' }, 404),
      { name: 'NotFoundError', message: 'no batch' },
    ],
    [
      '404 without one',
      (r) => r.writeHead(404).end('404 page not found\n'),
      { name: 'ResourceNotServedError', message: '404 page not found' },
    ],
    ['an empty 403', (r) => r.writeHead(403).end(), { name: 'ForbiddenError', message: 'no reason given' }],
    [
      'an error page of a proxy',
      (r) => r.writeHead(502).end('<html>\nbad gateway'),
      { name: 'UnavailableError', message: 'the API server failed with 502: <html>' },
    ],
    [
      '429 with Retry-After',
      (r) => r.writeHead(429, { 'retry-after': '3' }).end(),
      { name: 'TooManyRequestsError', retryAfterMs: 3_000 },
    ],
    [
      '429 with a date in it',
      (r) => r.writeHead(429, { 'retry-after': 'Fri, 02 Jan 2026 03:04:05 GMT' }).end(),
      { retryAfterMs: 0 },
    ],
    [
      '429 whose Status has another delay',
      (r) => r.writeHead(429, { 'retry-after': '3' }).end('{"kind":"Status","details":{"retryAfterSeconds":9}}'),
      { retryAfterMs: 9_000 },
    ],
  ])('throws the typed error of %s', async (_, respond, expected) => {
    expect(await failureOf(respond)).toMatchObject(expected);
  });
});

describe('KubeTransport, without a usable response', () => {
  it('gives up a response that does not end, and one that is longer than the limit', async () => {
    const failure = await failureOf((response) => writeForever(response), 60_000);
    expect(failure).toMatchObject({ message: 'the response is longer than 32 MiB', mayHaveArrived: true });
    const server = await startLoopback((response) => respondJson(response, { long: 'x'.repeat(2 ** 21) }));
    const transport = transportTo(server.url);
    expect(await transport.request<{ long: string }>(GET)).toEqual({ long: 'x'.repeat(2 ** 21) });
    const short = transport.request({ ...GET, maxResponseLength: 2 ** 20 });
    await expect(short).rejects.toThrow('the response is longer than 1 MiB');
  });

  it.each<[string, Respond]>([
    ['500', (response) => respondJson(response, { kind: 'Status' }, 500)],
    ['a success that is not JSON', (response) => response.end('<html>welcome to this hotel</html>')],
    ['a success without a body', (response) => response.end()],
    [
      'half a response',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{"a":', () => response.destroy()),
    ],
    [
      'half a rejection',
      (response) => response.writeHead(409, { 'content-length': 99 }).write('{"a":', () => response.destroy()),
    ],
    ['a connection that breaks after the request', (response) => response.destroy()],
  ])('reports that the request may have arrived after %s', async (_, respond) => {
    const failure = await failureOf(respond);
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(mayHaveArrived(failure)).toBe(true);
  });

  it('reports that the request did not arrive when the connection is rejected', async () => {
    const server = await startLoopback(never);
    await server.stop();
    await expect(transportTo(server.url).request(GET)).rejects.toMatchObject({
      name: 'UnavailableError',
      mayHaveArrived: false,
    });
  });

  it.each<[string, Respond]>([
    ['no head', never],
    ['no end', (response) => response.writeHead(200).write('{')],
  ])('gives up at the deadline when there is %s', async (_, respond) => {
    expect(await failureOf(respond, 100)).toMatchObject({
      name: 'UnavailableError',
      message: 'no response within 100ms',
      mayHaveArrived: true,
    });
  });
});

describe('KubeTransport under an AbortSignal', () => {
  const aborted = { name: 'AbortedError', cause: 'Ctrl-C' };

  async function abortWhile(
    respond: Respond,
    use: (transport: KubeTransport, signal: AbortSignal) => Promise<unknown>,
  ) {
    const controller = new AbortController();
    const server = await startLoopback((response, request, turn) => {
      respond(response, request, turn);
      setTimeout(() => controller.abort('Ctrl-C'), 20);
    });
    await expect(use(transportTo(server.url), controller.signal)).rejects.toMatchObject(aborted);
  }

  it('sends nothing when it is aborted already', async () => {
    const server = await startLoopback((response) => respondJson(response, {}));
    const signal = AbortSignal.abort('Ctrl-C');
    await expect(transportTo(server.url).request({ ...GET, signal })).rejects.toMatchObject(aborted);
    expect(server.requests).toEqual([]);
  });

  it('sends nothing when it is aborted while credentials are requested', async () => {
    const server = await startLoopback((response) => respondJson(response, {}));
    const controller = new AbortController();
    const connection = {
      ...connectionTo(server.url),
      credentials: async () => {
        controller.abort('Ctrl-C');
        return { headers: {}, tls: {} };
      },
    };
    const pending = transportTo(connection).request({ ...GET, signal: controller.signal });
    await expect(pending).rejects.toBeInstanceOf(AbortedError);
    expect(server.requests).toEqual([]);
  });

  it('stops waiting for a response', () =>
    abortWhile(never, (transport, signal) => transport.request({ ...GET, signal })));

  it('stops reading a response', () =>
    abortWhile(
      (response) => response.writeHead(200).write('{'),
      (transport, signal) => transport.request({ ...GET, signal }),
    ));

  it('stops a stream', () =>
    abortWhile(
      (response) => response.writeHead(200).write('{'),
      async (transport, signal) => {
        for await (const _ of await transport.stream({ ...GET, signal }));
      },
    ));

  it('stops while a proxy does not respond', async () => {
    // The tunnel's own limit never expires, so that only the signal can end the request.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const controller = new AbortController();
    const proxy = createServer(() => controller.abort('Ctrl-C')).listen(0, '127.0.0.1');
    onTestFinished(() => void proxy.close());
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const connection = connectionTo(new URL('https://nobody.invalid'));
    const transport = transportTo({ ...connection, proxy: new URL(`http://127.0.0.1:${port}`) });
    await expect(transport.request({ ...GET, signal: controller.signal })).rejects.toMatchObject(aborted);
  });
});
