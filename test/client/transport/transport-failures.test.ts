import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Connection } from '@konductor/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectionTo, json, type Respond, startLoopback, transportTo, writeForever } from '../loopback-server.ts';
import { ENDLESS, half, never, send, UNUSABLE } from '../responses.ts';

const GET = { method: 'GET', path: '/version' } as const;
const unavailable = (mayHaveArrived: boolean) => ({ name: 'UnavailableError', mayHaveArrived });

async function failureOf(respond: Respond, timeoutMs = 5_000): Promise<unknown> {
  const transport = transportTo((await startLoopback(respond)).url);
  return transport.request({ ...GET, timeoutMs }).catch((error: unknown) => error);
}

describe('KubeTransport, when the request is rejected', () => {
  const tooMany = (retryAfter: string, body?: string) => send(429, { 'retry-after': retryAfter }, body);
  const noPage = '404 page not found';
  const nineSeconds = '{"kind":"Status","details":{"retryAfterSeconds":9}}';
  it.each<[string, Respond, string, object]>([
    ['404 with a Status', json({ kind: 'Status', message: 'no batch' }, 404), 'NotFoundError', { message: 'no batch' }],
    ['404 without one', send(404, {}, `${noPage}\n`), 'ResourceNotServedError', { message: noPage }],
    ['an empty 403', send(403), 'ForbiddenError', { message: 'no reason given' }],
    [
      '502',
      send(502, {}, '<html>\nbad gateway'),
      'UnavailableError',
      { message: 'the API server failed with 502: <html>' },
    ],
    ['429 with Retry-After', tooMany('3'), 'TooManyRequestsError', { retryAfterMs: 3_000 }],
    ['429 with a date', tooMany('Fri, 02 Jan 2026 03:04:05 GMT'), 'TooManyRequestsError', { retryAfterMs: 0 }],
    ['429 and another delay', tooMany('3', nineSeconds), 'TooManyRequestsError', { retryAfterMs: 9_000 }],
  ])('throws the typed error of %s', async (_, respond, name, expected) => {
    expect(await failureOf(respond)).toMatchObject({ name, ...expected });
  });
});

describe('KubeTransport, when another server responds', () => {
  it.each<[string, Respond, number, string]>([
    ['404 of a web server', send(404, {}, '<h1>Not Found</h1>'), 404, ' (<h1>Not Found</h1>)'],
    ['404 with another JSON', json({ error: 'no such page' }, 404), 404, ''],
    ['a redirection', send(302, { location: 'https://login.example' }), 302, ' (no reason given)'],
    [
      'a port that expects TLS',
      send(400, {}, 'Client sent an HTTP request to an HTTPS server.\n'),
      400,
      ' (Client sent an HTTP request to an HTTPS server.)',
    ],
  ])('says so: %s', async (_, respond, code, reason) => {
    const server = await startLoopback(respond);
    await expect(transportTo(server.url).request(GET)).rejects.toMatchObject({
      name: 'ApiError',
      message: `${server.url.origin} responded with ${code}${reason}: is it the URL of the API server?`,
    });
  });

  it('never takes anything but text for the message of a Status', async () => {
    const server = await startLoopback(json({ kind: 'Status', message: { a: 1 }, details: 5 }, 409));
    const message = 'the API server responded with 409';
    await expect(transportTo(server.url).request(GET)).rejects.toMatchObject({ name: 'ConflictError', message });
  });
});

describe('KubeTransport, without a usable response', () => {
  it('gives up a response that does not end, and one that is longer than the limit', async () => {
    const failure = await failureOf(writeForever, 60_000);
    expect(failure).toMatchObject({ message: 'the response is longer than 8 MiB', mayHaveArrived: true });
    const transport = transportTo((await startLoopback(json({ long: 'x'.repeat(2 ** 21) }))).url);
    expect(await transport.request<{ long: string }>(GET)).toEqual({ long: 'x'.repeat(2 ** 21) });
    const short = transport.request({ ...GET, maxResponseLength: 2 ** 20 });
    await expect(short).rejects.toThrow('the response is longer than 1 MiB');
  });

  it.each(UNUSABLE)('reports that the request may have arrived after %s', async (_, respond) => {
    expect(await failureOf(respond)).toMatchObject(unavailable(true));
  });

  it('reports that the request did not arrive when the connection is rejected', async () => {
    const server = await startLoopback();
    await server.stop();
    await expect(transportTo(server.url).request(GET)).rejects.toMatchObject(unavailable(false));
  });

  it.each(ENDLESS)('gives up at the deadline when there is %s', async (_, respond) => {
    const message = 'no response within 100ms';
    expect(await failureOf(respond, 100)).toMatchObject({ ...unavailable(true), message });
  });
});

describe('KubeTransport under an AbortSignal', () => {
  const abortion = { name: 'AbortedError', cause: 'Ctrl-C' };
  const request = (connection: URL | Connection, signal: AbortSignal) =>
    transportTo(connection).request({ ...GET, signal });
  const readStream = async (connection: URL | Connection, signal: AbortSignal) => {
    for await (const _ of await transportTo(connection).stream({ ...GET, signal }));
  };

  it('sends nothing when it is aborted already', async () => {
    const { url, requests } = await startLoopback();
    await expect(request(url, AbortSignal.abort('Ctrl-C'))).rejects.toMatchObject(abortion);
    expect(requests).toEqual([]);
  });

  it('sends nothing when it is aborted while credentials are requested', async () => {
    const { url, requests } = await startLoopback();
    const controller = new AbortController();
    const credentials = async () => {
      controller.abort('Ctrl-C');
      return { headers: {}, tls: {} };
    };
    await expect(request({ ...connectionTo(url), credentials }, controller.signal)).rejects.toMatchObject(abortion);
    expect(requests).toEqual([]);
  });

  it.each([
    ['waiting for a response', never, request],
    ['reading a response', half, request],
    ['a stream', half, readStream],
  ])('stops %s', async (_, respond, use) => {
    const controller = new AbortController();
    const { url } = await startLoopback((...args) => {
      respond(...args);
      setTimeout(() => controller.abort('Ctrl-C'), 20);
    });
    await expect(use(url, controller.signal)).rejects.toMatchObject(abortion);
  });

  it('stops while a proxy does not respond', async () => {
    // The tunnel's own limit never expires, so that only the signal can end the request.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const controller = new AbortController();
    const silent = createServer(() => controller.abort('Ctrl-C')).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const proxy = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const connection = { ...connectionTo(new URL('https://nobody.invalid')), proxy };
    await expect(request(connection, controller.signal)).rejects.toMatchObject(abortion);
  });
});
