// Checks that the API server responds, how fast, and which user it authenticates.
import { serverVersion } from '@konductor/client';
import { type CheckContext, type Finding, ok } from './check.ts';

/** Throws the client's error when there is no response. */
export async function examineApiServer({ transport, limits }: CheckContext): Promise<Finding> {
  const version = await serverVersion(transport, limits);
  // The first request opened the connection: this one measures the response alone.
  const startedAt = performance.now();
  await serverVersion(transport, limits);
  const elapsedMs = Math.round(performance.now() - startedAt);
  const { server, proxy } = transport.connection;
  const via = proxy ? ` through the proxy ${proxy.protocol}//${proxy.host}` : '';
  return ok(`${server.origin} responded in ${elapsedMs} ms${via}, Kubernetes ${version}`);
}
