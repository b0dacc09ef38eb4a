// A small HTTP server of fixed GET paths, for probes and metrics; over TLS where it has a certificate. Whoever connects, it
// holds no more than a few connections, and none that does not ask.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { BindAddress } from '../flags/bind-address.ts';
import type { Certificate } from './certificate.ts';

export interface Answer {
  readonly code: number;
  readonly contentType?: string;
  readonly body: string;
}

/** What routes may know of a request. */
export interface RouteRequest {
  readonly path: string;
  readonly authorization: string | undefined;
}

export type Route = (request: RouteRequest) => Answer | Promise<Answer>;
export type Routes = Readonly<Record<string, Route>>;

export interface HttpServer {
  /** `host:port` as bound, with the port that was picked for 0. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerLimits {
  /** Those beyond it are closed at once. */
  readonly connections: number;
  /** For a handshake, and for a whole request; 408 then. */
  readonly requestMs: number;
}

export interface ServeOptions {
  readonly certificate?: Certificate;
  readonly limits?: ServerLimits;
}

/** Probes and scrapes are a handful of connections, and requests of one packet. */
const LIMITS: ServerLimits = { connections: 100, requestMs: 5_000 };

/** Rejects when the address cannot be bound. */
export async function serve(
  { host, port }: BindAddress,
  routes: Routes,
  { certificate, limits = LIMITS }: ServeOptions = {},
): Promise<HttpServer> {
  const listener: RequestListener = async ({ url = '/', method, headers }, response) => {
    const request = { path: url.split('?', 1)[0] ?? '/', authorization: headers.authorization };
    const { code, contentType = 'text/plain; charset=utf-8', body } = await answer(routes, method, request);
    response.writeHead(code, { 'content-type': contentType }).end(method === 'HEAD' ? undefined : body);
  };
  const timeouts = timeoutsOf(limits);
  const server = certificate
    ? createTlsServer({ ...certificate, ...timeouts, minVersion: 'TLSv1.2' }, listener)
    : createServer(timeouts, listener);
  server.maxConnections = limits.connections;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function timeoutsOf({ requestMs }: ServerLimits) {
  const connectionsCheckingInterval = requestMs / 5;
  return {
    headersTimeout: requestMs,
    requestTimeout: requestMs,
    handshakeTimeout: requestMs,
    connectionsCheckingInterval,
  };
}

async function answer(routes: Routes, method: string | undefined, request: RouteRequest): Promise<Answer> {
  const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
  if (!route) return { code: 404, body: 'not found\n' };
  if (method !== 'GET' && method !== 'HEAD') return { code: 405, body: 'method not allowed\n' };
  try {
    return await route(request);
  } catch (error) {
    return { code: 500, body: `${error instanceof Error ? error.message : error}\n` };
  }
}
