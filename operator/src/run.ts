// The operator from start to shutdown: connect, serve, watch; on the stop signal, shut down gracefully.
import { type Connection, connect, KubeTransport, sleep } from '@konductor/client';
import { Leadership } from './controller/leadership.ts';
import { WaitGroupOperator } from './controller/wait-group-operator.ts';
import type { OperatorOptions } from './flags/options.ts';
import type { Logger } from './framework/logger.ts';
import { HeldWorkloads } from './hold/held-workloads.ts';
import { JobCounting } from './jobs/job-counting.ts';
import { Metrics } from './metrics/metrics.ts';
import { WorkerPods } from './pods/worker-pods.ts';
import { probeRoutes, serveAll } from './serving/servers.ts';
import { USER_AGENT, VERSION } from './version.ts';

export interface OperatorEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  readonly logger: Logger;
  /** Aborted when the operator is to shut down. */
  readonly stop: AbortSignal;
}

/** Shorter than the grace period of the manifest. Every write is guarded, so the next leader can continue from any point. */
const SHUTDOWN_TIMEOUT_MS = 7_000;

/** Resolves after a graceful shutdown. Rejects when the operator cannot start: ConnectionError, or an Error that names the address. */
export async function runOperator(options: OperatorOptions, environment: OperatorEnvironment): Promise<void> {
  const { env, hostname, logger, stop } = environment;
  const { kubeconfig, watchNamespace } = options;
  const connection: Connection = await connect({ env, ...(kubeconfig ? { kubeconfig } : {}) });
  const metrics = new Metrics();
  const transport = new KubeTransport(connection, { userAgent: USER_AGENT, onRequest: metrics.onRequest });
  const leadership = new Leadership(options.leaderElection, { transport, logger, hostname });
  const shared = { transport, logger, observer: metrics.controller, watchNamespace, instance: hostname };
  const operator: WaitGroupOperator = new WaitGroupOperator({
    ...shared,
    foldObserver: metrics.workers,
    onTransition: metrics.onTransition,
    onWorker: (key, record) => {
      workerPods.observe(key, record);
      jobCounting.observe(key, record);
    },
    onWaitGroup: (current, previous) => {
      jobCounting.observeWaitGroup(current, previous);
      heldWorkloads.onWaitGroup(current, previous);
    },
    isReleasing: (waitGroup) => heldWorkloads.isReleasing(waitGroup),
    isActive: () => leadership.isLeading,
    onSynced: () => {
      beginAll();
      leadership.begin(() => {
        operator.resync();
        beginAll();
      });
    },
  });
  const onLeader = {
    ...shared,
    isActive: () => operator.hasSynced && leadership.isLeading,
    waitGroupNamed: (namespace: string, name: string) => operator.waitGroupNamed(namespace, name),
    onLost: metrics.workers.onLost,
  };
  const workerPods = new WorkerPods({ ...onLeader, waitGroup: (key) => operator.waitGroup(key) });
  const jobCounting = new JobCounting(onLeader);
  const heldWorkloads = new HeldWorkloads({ ...onLeader, onReleased: (kind) => metrics.holds.onReleased(kind) });
  const parts = [workerPods, jobCounting, heldWorkloads];
  const beginAll = () => {
    for (const part of parts) part.begin();
  };
  metrics.observe(operator, heldWorkloads);
  metrics.observeJobs(() => jobCounting.states());
  metrics.observeClock(transport.clock);
  if (options.leaderElection) metrics.observeLeader(options.leaderElection.leaseName, () => leadership.isLeading);
  const routes = { metrics: metrics.routes(), probes: probeRoutes({ cache: operator, apiServer: transport }, stop) };
  const servers = await serveAll(options, { transport, routes, logger });
  logger.info({ version: VERSION, server: connection.server.href, namespace: watchNamespace }, 'starting');
  heldWorkloads.start();
  await operator.start();
  await aborted(stop);
  logger.info({ reason: String(stop.reason) }, 'shutting down gracefully');
  const isFinished = await Promise.race([
    Promise.all([operator, ...parts].map((part) => part.stop())).then(() => true),
    sleep(SHUTDOWN_TIMEOUT_MS).then(() => false),
  ]);
  if (!isFinished)
    logger.warn({ timeoutMs: SHUTDOWN_TIMEOUT_MS }, 'graceful shutdown timed out with requests in flight');
  // Release the lease last, when this process has nothing more to write.
  await leadership.end();
  await Promise.all(servers.map((server) => server.close()));
  transport.close();
  logger.info({}, 'shutdown complete');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
