// Whether the API server answers, how fast, and whom it takes the caller for.
import { reviewSelf, serverVersion } from '@konductor/client';
import { type Finding, ok, type Patient } from './check.ts';
import type { Clocks } from './clock.ts';

/** Throws what the client throws when there is no answer. */
export async function examineApiServer({ transport, limits }: Patient): Promise<Finding> {
  const version = await serverVersion(transport, limits);
  // The first request opened the connection, which the next ones find open.
  const startedAt = performance.now();
  await serverVersion(transport, limits);
  const elapsedMs = Math.round(performance.now() - startedAt);
  const { server, proxy } = transport.connection;
  const way = proxy ? ` through the proxy ${proxy.protocol}//${proxy.host}` : '';
  return ok(`${server.origin} answers in ${elapsedMs} ms${way}, Kubernetes ${version}`);
}

/** Whom the API server takes the caller for, and its clock. */
export interface Identity extends Clocks {
  readonly username: string;
}

/** Asks once for both. */
export async function identify({ transport, limits }: Patient): Promise<Identity> {
  const askedAt = new Date();
  const review = await reviewSelf(transport, limits);
  return { ...review, askedAt, answeredAt: new Date() };
}
