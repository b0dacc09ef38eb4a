// A small HTTP server with fixed GET paths, for probes and metrics; over TLS if it has a certificate. It bounds the number
// of connections, and closes those that send no complete request.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { BindAddress } from '../flags/values.ts';
import type { Certificate } from './certificate.ts';

export interface RouteResponse {
  readonly code: number;
  readonly contentType?: string;
  readonly body: string;
}

/** The parts of a request that routes use. */
export interface RouteRequest {
  readonly path: string;
  readonly authorization: string | undefined;
}

export type Route = (request: RouteRequest) => RouteResponse | Promise<RouteResponse>;
export type Routes = Readonly<Record<string, Route>>;

export interface HttpServer {
  /** `host:port` as bound, with the actual port where 0 was given. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ServerLimits {
  /** Connections beyond this number are closed at once. */
  readonly connections: number;
  /** The time limit of a TLS handshake and of a whole request, which then gets 408. */
  readonly requestMs: number;
}

export interface ServeOptions {
  readonly certificate?: Certificate;
  readonly limits?: ServerLimits;
}

/** Probes and scrapes use a handful of connections, and their requests fit into one packet. */
const LIMITS: ServerLimits = { connections: 100, requestMs: 5_000 };

/** Rejects when the address cannot be bound. */
export async function serve(
  { host, port }: BindAddress,
  routes: Routes,
  { certificate, limits = LIMITS }: ServeOptions = {},
): Promise<HttpServer> {
  const listener: RequestListener = async ({ url = '/', method, headers }, response) => {
    const request = { path: url.split('?', 1)[0] ?? '/', authorization: headers.authorization };
    const { code, contentType = 'text/plain; charset=utf-8', body } = await respond(routes, method, request);
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
  const timeouts = { headersTimeout: requestMs, requestTimeout: requestMs, handshakeTimeout: requestMs };
  return { ...timeouts, connectionsCheckingInterval: requestMs / 5 };
}

async function respond(routes: Routes, method: string | undefined, request: RouteRequest): Promise<RouteResponse> {
  const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
  if (!route) return { code: 404, body: 'not found\n' };
  if (method !== 'GET' && method !== 'HEAD') return { code: 405, body: 'method not allowed\n' };
  try {
    return await route(request);
  } catch (error) {
    return { code: 500, body: `${error instanceof Error ? error.message : error}\n` };
  }
}
