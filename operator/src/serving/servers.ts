// The servers that the flags ask for: metrics on one port, plain or secured, and health probes on another.
import type { KubeTransport } from '@konductor/client';
import type { OperatorOptions } from '../flags/options.ts';
import type { BindAddress } from '../flags/values.ts';
import type { Logger } from '../framework/logger.ts';
import { CertificateError } from './certificate.ts';
import { type HttpServer, type Routes, serve } from './http-server.ts';
import { MetricsAccess } from './metrics-access.ts';
import { serveRotating } from './rotating-server.ts';

export interface ServedParts {
  readonly routes: { readonly metrics: Routes; readonly probes: Routes };
  /** Sends the access reviews of clients that read metrics. */
  readonly transport: KubeTransport;
  readonly logger: Logger;
}

/** A healthy watch receives something every minute, and is given up after three without: then requests follow at once. */
const MAX_SILENCE_MS = 300_000;

export interface ProbedParts {
  readonly cache: { readonly hasSynced: boolean };
  readonly apiServer: { readonly silentMs: number };
}

/**
 * `/healthz`: the process responds, whatever the API server does. `/readyz`: its cache has synced, it has heard of the API
 * server lately, and it is not shutting down.
 */
export function probeRoutes({ cache, apiServer }: ProbedParts, stop: AbortSignal): Routes {
  return {
    '/healthz': () => ({ code: 200, body: 'ok' }),
    '/readyz': () => {
      if (stop.aborted) return { code: 503, body: 'shutting down' };
      if (!cache.hasSynced) return { code: 503, body: 'cache not synced yet' };
      const isSilent = apiServer.silentMs > MAX_SILENCE_MS;
      return isSilent ? { code: 503, body: 'API server not reached for 5m' } : { code: 200, body: 'ok' };
    },
  };
}

/** Rejects with an Error that names the flag to change. */
export async function serveAll(options: OperatorOptions, parts: ServedParts): Promise<HttpServer[]> {
  const { metricsBindAddress, metricsCertPath: directory, healthProbeBindAddress } = options;
  const { routes, transport, logger } = parts;
  const servers: HttpServer[] = [];
  if (metricsBindAddress !== 'off') {
    const guarded = { routes: new MetricsAccess({ transport, logger }).guard(routes.metrics), logger };
    const open = () =>
      directory
        ? serveRotating(metricsBindAddress, { ...guarded, directory })
        : serve(metricsBindAddress, routes.metrics);
    const server = await withFlagHint(metricsBindAddress, '--metrics-bind-address', open);
    logger.info({ address: server.address, secure: directory !== undefined }, 'serving metrics');
    servers.push(server);
  }
  if (healthProbeBindAddress !== 'off') {
    const open = () => serve(healthProbeBindAddress, routes.probes);
    const server = await withFlagHint(healthProbeBindAddress, '--health-probe-bind-address', open);
    logger.info({ address: server.address }, 'serving health probes');
    servers.push(server);
  }
  return servers;
}

async function withFlagHint(address: BindAddress, flag: string, open: () => Promise<HttpServer>): Promise<HttpServer> {
  try {
    return await open();
  } catch (cause) {
    if (cause instanceof CertificateError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'address already in use' : message;
    throw new Error(`cannot listen on ${address.host ?? ''}:${address.port}: ${reason}; change ${flag}`, { cause });
  }
}
