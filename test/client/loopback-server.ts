// A server on loopback in place of an API server, whose responses the test defines.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Connection, type Credentials, KubeTransport, type KubeTransportOptions } from '@konductor/client';
import { onTestFinished } from 'vitest';

export interface ReceivedRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface LoopbackServer {
  readonly url: URL;
  /** In the order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** The number of connections opened so far. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** Responds to a complete request; `turn` counts requests from 0. */
export type Respond = (response: ServerResponse, request: ReceivedRequest, turn: number) => void;

export interface LoopbackOptions {
  readonly host?: string;
  /** Absent: HTTP. */
  readonly tls?: ServerOptions;
}

export const json =
  (body: unknown, code = 200): Respond =>
  (response) =>
    respondJson(response, body, code);

/** Responds with `{}` unless the test sets another response, until the test has finished. */
export async function startLoopback(respond = json({}), { host = '127.0.0.1', tls }: LoopbackOptions = {}) {
  const requests: ReceivedRequest[] = [];
  const server = tls ? createHttpsServer(tls) : createHttpServer();
  // Like the API server, which keeps idle connections for minutes.
  server.keepAliveTimeout = 600_000;
  let connections = 0;
  server.on('connection', () => connections++);
  server.on('request', async (message: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = message;
    const request = { method, url, headers, body: await text(message) };
    respond(response, request, requests.push(request) - 1);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: new URL(`${tls ? 'https' : 'http'}://${name}:${port}`),
    requests,
    get connections() {
      return connections;
    },
    stop,
  } satisfies LoopbackServer;
}

/** Writes as fast as the client reads, until the client closes the connection. */
export function writeForever(response: ServerResponse): void {
  const megabyte = 'x'.repeat(2 ** 20);
  const write = () => {
    if (!response.destroyed) response.write(megabyte, write);
  };
  write();
}

export function respondJson(response: ServerResponse, body: unknown, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function connectionTo(server: URL, credentials: Partial<Credentials> = {}): Connection {
  return {
    server,
    namespace: 'default',
    credentials: async () => ({ headers: {}, tls: {}, ...credentials }),
    renew: () => {},
  };
}

export function transportTo(connection: Connection | URL, options: KubeTransportOptions = {}): KubeTransport {
  return new KubeTransport(connection instanceof URL ? connectionTo(connection) : connection, options);
}
