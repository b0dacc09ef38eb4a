import { AbortedError, type KubeTransport, mayHaveArrived, UnavailableError } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { type Answer, answerJson, connectionTo, startLoopback, transportTo, writeForever } from '../loopback-server.ts';

const GET = { method: 'GET', path: '/version' } as const;
const never: Answer = () => {};

async function failureOf(answer: Answer, timeoutMs = 5_000): Promise<unknown> {
  const server = await startLoopback(answer);
  return transportTo(server.url)
    .request({ ...GET, timeoutMs })
    .catch((error: unknown) => error);
}

describe('KubeTransport, when the answer is a refusal', () => {
  it.each<[string, Answer, object]>([
    [
      '404 with a Status',
      (r) => answerJson(r, { kind: 'Status', message: 'no batch' }, 404),
      { name: 'NotFoundError', message: 'no batch' },
    ],
    [
      '404 without one',
      (r) => r.writeHead(404).end('404 page not found\n'),
      { name: 'ResourceNotServedError', message: '404 page not found' },
    ],
    ['an empty 403', (r) => r.writeHead(403).end(), { name: 'ForbiddenError', message: 'no reason given' }],
    [
      'a page of a proxy',
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
      '429 whose Status says more',
      (r) => r.writeHead(429, { 'retry-after': '3' }).end('{"kind":"Status","details":{"retryAfterSeconds":9}}'),
      { retryAfterMs: 9_000 },
    ],
  ])('types %s', async (_, answer, expected) => {
    expect(await failureOf(answer)).toMatchObject(expected);
  });
});

describe('KubeTransport, without a usable answer', () => {
  it('gives up an answer that does not end, and one that is longer than it is to be', async () => {
    const failure = await failureOf((response) => writeForever(response), 60_000);
    expect(failure).toMatchObject({ message: 'the answer is longer than 32 MiB', mayHaveArrived: true });
    const server = await startLoopback((response) => answerJson(response, { long: 'x'.repeat(2 ** 21) }));
    const transport = transportTo(server.url);
    expect(await transport.request<{ long: string }>(GET)).toEqual({ long: 'x'.repeat(2 ** 21) });
    const short = transport.request({ ...GET, maxAnswerLength: 2 ** 20 });
    await expect(short).rejects.toThrow('the answer is longer than 1 MiB');
  });

  it.each<[string, Answer]>([
    ['500', (response) => answerJson(response, { kind: 'Status' }, 500)],
    ['a success that is not JSON', (response) => response.end('<html>welcome to this hotel</html>')],
    ['a success without a body', (response) => response.end()],
    [
      'half an answer',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{"a":', () => response.destroy()),
    ],
    [
      'half a refusal',
      (response) => response.writeHead(409, { 'content-length': 99 }).write('{"a":', () => response.destroy()),
    ],
    ['a connection that breaks after the request', (response) => response.destroy()],
  ])('says of %s that the request may have arrived', async (_, answer) => {
    const failure = await failureOf(answer);
    expect(failure).toBeInstanceOf(UnavailableError);
    expect(mayHaveArrived(failure)).toBe(true);
  });

  it('says of a refused connection that the request never arrived', async () => {
    const server = await startLoopback(never);
    await server.stop();
    await expect(transportTo(server.url).request(GET)).rejects.toMatchObject({
      name: 'UnavailableError',
      mayHaveArrived: false,
    });
  });

  it.each<[string, Answer]>([
    ['no head', never],
    ['no end', (response) => response.writeHead(200).write('{')],
  ])('gives up at the deadline when there is %s', async (_, answer) => {
    expect(await failureOf(answer, 100)).toMatchObject({
      name: 'UnavailableError',
      message: 'no answer within 100 ms',
      mayHaveArrived: true,
    });
  });
});

describe('KubeTransport under an AbortSignal', () => {
  const aborted = { name: 'AbortedError', cause: 'Ctrl-C' };

  async function abortWhile(answer: Answer, use: (transport: KubeTransport, signal: AbortSignal) => Promise<unknown>) {
    const controller = new AbortController();
    const server = await startLoopback((response, request, turn) => {
      answer(response, request, turn);
      setTimeout(() => controller.abort('Ctrl-C'), 20);
    });
    await expect(use(transportTo(server.url), controller.signal)).rejects.toMatchObject(aborted);
  }

  it('sends nothing when it has fired already', async () => {
    const server = await startLoopback((response) => answerJson(response, {}));
    const signal = AbortSignal.abort('Ctrl-C');
    await expect(transportTo(server.url).request({ ...GET, signal })).rejects.toMatchObject(aborted);
    expect(server.requests).toEqual([]);
  });

  it('sends nothing when it fires while credentials are being asked for', async () => {
    const server = await startLoopback((response) => answerJson(response, {}));
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

  it('stops waiting for an answer', () =>
    abortWhile(never, (transport, signal) => transport.request({ ...GET, signal })));

  it('stops reading an answer', () =>
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
});
