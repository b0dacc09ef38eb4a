// A small HTTP server of fixed GET paths, for probes and metrics.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BindAddress } from './bind-address.ts';

export interface Answer {
  readonly code: number;
  readonly contentType?: string;
  readonly body: string;
}

export type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>;

export interface HttpServer {
  /** `host:port` as bound, with the port that was picked for 0. */
  readonly address: string;
  close(): Promise<void>;
}

/** Rejects when the address cannot be bound. */
export async function serve({ host, port }: BindAddress, routes: Routes): Promise<HttpServer> {
  const server = createServer(async ({ url = '/', method }, response) => {
    const { code, contentType = 'text/plain; charset=utf-8', body } = await answer(routes, method, url);
    response.writeHead(code, { 'content-type': contentType }).end(method === 'HEAD' ? undefined : body);
  });
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
        server.closeAllConnections();
      }),
  };
}

async function answer(routes: Routes, method: string | undefined, url: string): Promise<Answer> {
  const path = url.split('?', 1)[0] ?? '/';
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route) return { code: 404, body: 'not found\n' };
  if (method !== 'GET' && method !== 'HEAD') return { code: 405, body: 'method not allowed\n' };
  try {
    return await route();
  } catch (error) {
    return { code: 500, body: `${error instanceof Error ? error.message : error}\n` };
  }
}
