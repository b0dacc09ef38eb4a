// The operator from its first to its last moment: connect, serve, watch; and on the signal stop in order.
import { type Connection, connect, KubeTransport, sleep } from '@konductor/client';
import { Leadership } from './controller/leadership.ts';
import { WaitGroupOperator } from './controller/wait-group-operator.ts';
import type { OperatorOptions } from './flags/options.ts';
import type { Logger } from './framework/logger.ts';
import { Metrics } from './metrics/metrics.ts';
import { probeRoutes, type ReadinessSource } from './serving/probes.ts';
import { serveAll } from './serving/servers.ts';
import { USER_AGENT, VERSION } from './version.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly logger: Logger;
  /** Fires when the operator is to stop. */
  readonly stop: AbortSignal;
}

/** Shorter than the grace period of the manifest; every write is guarded, so the next operator goes on from any point. */
const STOP_MS = 7_000;

/**
 * Resolves when everything has stopped. Rejects when it cannot start: ConnectionError, or an address that it cannot listen
 * on; and at once, without an orderly stop, with LeadershipLostError.
 */
export async function runOperator(options: OperatorOptions, surroundings: Surroundings): Promise<void> {
  const { env, hostname, logger, stop } = surroundings;
  const { kubeconfig, watchNamespace } = options;
  const connection: Connection = await connect({ env, ...(kubeconfig ? { kubeconfig } : {}) });
  const metrics = new Metrics();
  const transport = new KubeTransport(connection, { userAgent: USER_AGENT, onRequest: metrics.onRequest });
  const leadership = new Leadership(options.leaderElection, { transport, logger, hostname });
  const operator = new WaitGroupOperator({
    ...{ transport, logger, observer: metrics.controller, watchNamespace, instance: hostname },
    onTransition: metrics.onTransition,
    mayHandle: () => leadership.isLeading,
    onSynced: () => leadership.begin(() => operator.handleAll()),
  });
  metrics.observe(operator);
  if (options.leaderElection) metrics.observeLeader(options.leaderElection.leaseName, () => leadership.isLeading);
  const routes = { metrics: metrics.routes(), probes: probeRoutes(readinessOf(operator, stop)) };
  const servers = await serveAll(options, { transport, routes, logger });
  logger.info({ version: VERSION, server: connection.server.href, namespace: watchNamespace }, 'starting');
  await operator.start();
  await Promise.race([fired(stop), leadership.lost]);
  logger.info({ reason: String(stop.reason) }, 'stopping');
  const isThrough = await Promise.race([operator.stop().then(() => true), sleep(STOP_MS).then(() => false)]);
  if (!isThrough) logger.warn({ afterMs: STOP_MS }, 'stopping although the API server has not answered everything');
  // Last, when this process has nothing more to write.
  await leadership.end();
  await Promise.all(servers.map((server) => server.close()));
  transport.close();
  logger.info({}, 'stopped');
}

function readinessOf(operator: WaitGroupOperator, stop: AbortSignal): ReadinessSource {
  return {
    get hasSynced() {
      return operator.hasSynced;
    },
    get isStopping() {
      return stop.aborted;
    },
  };
}

function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
