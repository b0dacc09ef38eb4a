// What can happen to a request between a client and the API server, each as a function of the proxied request.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault-proxy.ts';
import type { ProxiedResponse } from './proxied-request.ts';

export const pass: Fault = (request) => request.pass();

/** The connection breaks before the API server has received the request. */
export const resetBefore: Fault = (request) => request.reset();

/** No response comes, and the connection stays. */
export const swallow: Fault = () => {};

/** The API server carries the request out; the connection breaks before its response. */
export const loseResponse: Fault = async (request) => {
  await request.forward();
  request.reset();
};

/** A proxy responds in the API server's place. */
export const reject =
  (code: number, headers: ProxiedResponse['headers'] = {}): Fault =>
  (request) =>
    request.respond({ code, headers, body: statusOf(code) });

/** The API server carries the request out, and an intermediary sends another response. */
export const carryOutAndRespond =
  (code: number): Fault =>
  async (request) => {
    await request.forward();
    request.respond({ code, body: statusOf(code) });
  };

/** The API server carries the request out, and a proxy responds 200 with a body of its own. */
export const carryOutAndSend =
  (body: string): Fault =>
  async (request) => {
    await request.forward();
    request.respond({ code: 200, body });
  };

/** Like nginx with a PUT whose upstream connection broke: the first response is lost, other things happen, and it is sent again. */
export const sendAgainAfter =
  (work: () => Promise<unknown>): Fault =>
  async (request) => {
    await request.forward();
    await work();
    request.respond(await request.forward());
  };

export const sendTwice = sendAgainAfter(async () => {});

export const delay =
  (ms: number): Fault =>
  async (request) => {
    await sleep(ms);
    await request.pass();
  };

/** The API server's clock seems to be ahead. */
export const passAhead =
  (ms: number): Fault =>
  (request) =>
    request.pass({ date: new Date(Date.now() + ms).toUTCString() });

/** Half of the response arrives. */
export const cutResponse: Fault = async (request) => {
  for await (const chunk of await request.stream()) {
    request.write(chunk.subarray(0, chunk.length / 2));
    break;
  }
  request.reset();
};

/** A watch that was accepted, and then nothing. */
export const stall: Fault = async (request) => {
  for await (const _ of await request.stream());
};

/** A list from a history that goes on elsewhere: after a restore from a backup, the API server counts from less again. */
export const passFromTheFuture: Fault = async (request) => {
  const response = await request.forward();
  const list = JSON.parse(String(response.body));
  list.metadata.resourceVersion = '999999999';
  request.respond({ ...response, body: JSON.stringify(list) });
};

/** A watch that the API server itself ends, in good order, after a second. */
export const passForASecond: Fault = async (request) => {
  request.rewriteQuery({ timeoutSeconds: '1' });
  await request.pass();
};

/** A watch that ends at once with an ERROR event. */
export const endInBand =
  (code: number): Fault =>
  (request) =>
    request.respond({ code: 200, body: `{"type":"ERROR","object":${statusOf(code)}}\n` });

/** Other things happen before the fault does. */
export const firstDo =
  (work: () => Promise<unknown>, fault: Fault = pass): Fault =>
  async (request) => {
    await work();
    await fault(request);
  };

/** Holds so many requests until all of them have come. */
export function meet(requests: number): Fault {
  const { promise: allAreHere, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return firstDo(async () => {
    if (++arrived === requests) resolve();
    await allAreHere;
  });
}

/** The API server carries the request out, other things happen, and then the connection breaks. */
export const loseResponseAfter =
  (work: () => Promise<unknown>): Fault =>
  async (request) => {
    await request.forward();
    await work();
    request.reset();
  };

function statusOf(code: number): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message: `planned ${code}` });
}
