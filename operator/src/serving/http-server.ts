// A small HTTP server with fixed GET paths, for probes and metrics; over TLS if it has a certificate. Whoever connects, its
// memory is bounded and a new connection is served: one request for each connection, and few connections.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { BindAddress } from '../flags/values.ts';
import type { Certificate } from './certificate.ts';
import { type ConnectionLimits, Connections } from './connections.ts';
import { type HttpRequest, type RouteRequest, type RouteResponse, serveOneRequest } from './one-request.ts';

export type Route = (request: RouteRequest) => RouteResponse | Promise<RouteResponse>;
export type Routes = Readonly<Record<string, Route>>;

export interface HttpServer {
  /** `host:port` as bound, with the actual port where 0 was given. */
  readonly address: string;
  close(): Promise<void>;
}

export interface SecureHttpServer extends HttpServer {
  /** For new connections. */
  setCertificate(certificate: Certificate): void;
}

/** 500 TLS connections take about 20 MB. */
const LIMITS: ConnectionLimits = { connections: 500, undisturbedMs: 100, openMs: 10_000 };
/** A client may end its side after its request. */
const SOCKET = { allowHalfOpen: true };
const MIN_VERSION = 'TLSv1.2';

/** Rejects when the address cannot be bound. */
export function serve(address: BindAddress, routes: Routes, limits = LIMITS): Promise<HttpServer> {
  const server = createServer(SOCKET, (socket) => serveOneRequest(socket, (request) => respond(routes, request)));
  return listen(server, address, limits);
}

/** Rejects when the address cannot be bound. */
export async function serveSecurely(
  address: BindAddress,
  routes: Routes,
  certificate: Certificate,
  limits = LIMITS,
): Promise<SecureHttpServer> {
  const options = { ...SOCKET, ...certificate, minVersion: MIN_VERSION } as const;
  const server = createTlsServer(options, (socket) => serveOneRequest(socket, (request) => respond(routes, request)));
  const listening = await listen(server, address, limits);
  return { ...listening, setCertificate: (next) => server.setSecureContext({ ...next, minVersion: MIN_VERSION }) };
}

async function listen(server: Server, { host, port }: BindAddress, limits: ConnectionLimits): Promise<HttpServer> {
  const connections = new Connections(limits);
  // Emitted before the TLS handshake.
  server.on('connection', connections.admit);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  });
  const bound = server.address() as AddressInfo;
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.resetAll();
      }),
  };
}

async function respond(routes: Routes, request: HttpRequest): Promise<RouteResponse> {
  const route = Object.hasOwn(routes, request.path) ? routes[request.path] : undefined;
  if (!route) return { code: 404, body: 'not found\n' };
  if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 405, body: 'method not allowed\n' };
  try {
    return await route(request);
  } catch (error) {
    return { code: 500, body: `${error instanceof Error ? error.message : error}\n` };
  }
}
