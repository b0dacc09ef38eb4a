// The metrics of the operator, under the names of controller-runtime and client-go where these have one. No object's
// name is ever a label.
import type { KubeTransportOptions } from '@konductor/client';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { WorkQueueObserver } from './framework/work-queue.ts';
import type { Routes } from './http-server.ts';

const CONTROLLER = { controller: 'waitgroup' };
const QUEUE = { name: 'waitgroup' };
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/** What is read when the metrics are scraped. */
export interface MetricsSource {
  readonly queueDepth: number;
  readonly activeWorkers: number;
  phases(): Readonly<Record<string, number>>;
}

export class Metrics implements WorkQueueObserver {
  readonly #registry = new Registry();
  readonly #requests = this.#counter('rest_client_requests_total', 'HTTP requests to the API server', [
    'code',
    'method',
    'host',
  ]);
  readonly #adds = this.#counter('workqueue_adds_total', 'Keys added to the queue', ['name']);
  readonly #retries = this.#counter('workqueue_retries_total', 'Keys that came back after a failure', ['name']);
  readonly #reconciles = this.#counter('controller_runtime_reconcile_total', 'Reconciliations', [
    'controller',
    'result',
  ]);
  readonly #errors = this.#counter('controller_runtime_reconcile_errors_total', 'Failed reconciliations', [
    'controller',
  ]);
  readonly #queued = this.#histogram('workqueue_queue_duration_seconds', 'How long keys wait in the queue', ['name']);
  readonly #worked = this.#histogram('workqueue_work_duration_seconds', 'How long processing a key takes', ['name']);
  readonly #reconciled = this.#histogram(
    'controller_runtime_reconcile_time_seconds',
    'How long a reconciliation takes',
    ['controller'],
  );

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Gauges of the state that the operator has at the moment of the scrape. */
  observe(source: MetricsSource): void {
    this.#gauge('workqueue_depth', 'Keys that wait in the queue', ['name'], (gauge) =>
      gauge.set(QUEUE, source.queueDepth),
    );
    this.#gauge('controller_runtime_active_workers', 'Reconciliations that run', ['controller'], (gauge) =>
      gauge.set(CONTROLLER, source.activeWorkers),
    );
    this.#gauge('konductor_waitgroups', 'WaitGroups in the cache, by phase', ['phase'], (gauge) => {
      for (const [phase, count] of Object.entries(source.phases())) gauge.set({ phase }, count);
    });
  }

  /** Only where there is leader election. */
  observeLeader(lease: string, isLeading: () => boolean): void {
    const help = 'Whether this process holds the lease of that name: 1 for the leader, 0 for one that stands by';
    this.#gauge('leader_election_master_status', help, ['name'], (gauge) =>
      gauge.set({ name: lease }, isLeading() ? 1 : 0),
    );
  }

  readonly onRequest: NonNullable<KubeTransportOptions['onRequest']> = (labels) => this.#requests.inc(labels);

  onAdd(): void {
    this.#adds.inc(QUEUE);
  }

  onStart(queuedSeconds: number): void {
    this.#queued.observe(QUEUE, queuedSeconds);
  }

  onRetry(): void {
    this.#retries.inc(QUEUE);
    this.#errors.inc(CONTROLLER);
    this.#reconciles.inc({ ...CONTROLLER, result: 'error' });
  }

  onSuccess(): void {
    this.#reconciles.inc({ ...CONTROLLER, result: 'success' });
  }

  onDone(workSeconds: number): void {
    this.#worked.observe(QUEUE, workSeconds);
    this.#reconciled.observe(CONTROLLER, workSeconds);
  }

  routes(): Routes {
    const contentType = this.#registry.contentType;
    return { '/metrics': async () => ({ code: 200, contentType, body: await this.#registry.metrics() }) };
  }

  #counter(name: string, help: string, labelNames: string[]) {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]) {
    return new Histogram({ name, help, labelNames, buckets: SECONDS, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        read(this);
      },
    });
  }
}
