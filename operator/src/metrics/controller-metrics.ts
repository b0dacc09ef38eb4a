// Metrics of the controller, its queue and its cache; names, labels, help and buckets are those of controller-runtime and
// client-go. https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/metrics
import type { OperatorObserver } from '../framework/resilient-operator.ts';
import type { Requeue } from '../framework/work-queue.ts';
import type { MetricsRegistry } from './metrics-registry.ts';

/** Read when the metrics are scraped. */
export interface ControllerState {
  readonly queueDepth: number;
  readonly activeWorkers: number;
  readonly concurrency: number;
}

const NAME = 'waitgroup';
const CONTROLLER = { controller: NAME };
const QUEUE = { name: NAME, controller: NAME };
/** The label of a resource's cache: the kind in lower case. */
const reflector = (resource: string) => ({ name: resource.replace(/s$/, '') });
const RESULTS = ['success', 'error', 'requeue', 'requeue_after'] as const;

const QUEUE_BUCKETS = Array.from({ length: 12 }, (_, index) => Number(`1e${index - 8}`));
const RECONCILE_BUCKETS = [
  ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  ...[1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
];

export class ControllerMetrics implements OperatorObserver {
  readonly #metrics: ReturnType<typeof declare>;
  /** When the processing of each running key started. */
  readonly #startedAt = new Map<string, number>();

  constructor(registry: MetricsRegistry) {
    this.#metrics = declare(registry);
    const { reconciles, errors, adds, retries, lists, watches } = this.#metrics;
    for (const result of RESULTS) reconciles.inc({ ...CONTROLLER, result }, 0);
    errors.inc(CONTROLLER, 0);
    adds.inc(QUEUE, 0);
    retries.inc(QUEUE, 0);
    lists.inc(reflector('waitgroups'), 0);
    watches.inc(reflector('waitgroups'), 0);
    const stuck =
      "How many seconds of work has been done that is in progress and hasn't been observed by work_duration. Large values " +
      'indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.';
    const sum = () => this.#runningSeconds().reduce((total, seconds) => total + seconds, 0);
    registry.gaugeOf('workqueue_unfinished_work_seconds', stuck, sum, QUEUE);
    const longest = 'How many seconds has the longest running processor for workqueue been running.';
    const most = () => Math.max(0, ...this.#runningSeconds());
    registry.gaugeOf('workqueue_longest_running_processor_seconds', longest, most, QUEUE);
  }

  onAdd(): void {
    this.#metrics.adds.inc(QUEUE);
  }

  onStart(queuedSeconds: number, key: string): void {
    this.#metrics.queueTime.observe(QUEUE, queuedSeconds);
    this.#startedAt.set(key, performance.now());
  }

  onSuccess({ requeueAfterMs }: Requeue): void {
    const result = requeueAfterMs === undefined ? 'success' : 'requeue_after';
    this.#metrics.reconciles.inc({ ...CONTROLLER, result });
    // client-go's queue counts every key that comes back after a delay as a retry, whatever the reason.
    if (requeueAfterMs !== undefined) this.#metrics.retries.inc(QUEUE);
  }

  onRetry(): void {
    const { reconciles, errors, retries } = this.#metrics;
    reconciles.inc({ ...CONTROLLER, result: 'error' });
    errors.inc(CONTROLLER);
    retries.inc(QUEUE);
  }

  onList(resource: string): void {
    this.#metrics.lists.inc(reflector(resource));
  }

  onWatch(resource: string): void {
    this.#metrics.watches.inc(reflector(resource));
  }

  onDone(workSeconds: number, key: string): void {
    this.#startedAt.delete(key);
    this.#metrics.workTime.observe(QUEUE, workSeconds);
    this.#metrics.reconcileTime.observe(CONTROLLER, workSeconds);
  }

  #runningSeconds(): number[] {
    const now = performance.now();
    return [...this.#startedAt.values()].map((startedAt) => (now - startedAt) / 1000);
  }
}

/** Adds gauges of the state at the moment of the scrape. */
export function addControllerState(registry: MetricsRegistry, state: ControllerState): void {
  const depth = 'Current depth of workqueue';
  registry.gaugeOf('workqueue_depth', depth, () => state.queueDepth, QUEUE);
  const active = 'Number of currently used workers per controller';
  registry.gaugeOf('controller_runtime_active_workers', active, () => state.activeWorkers, CONTROLLER);
  const most = 'Maximum number of concurrent reconciles per controller';
  registry.gaugeOf('controller_runtime_max_concurrent_reconciles', most, () => state.concurrency, CONTROLLER);
}

function declare(registry: MetricsRegistry) {
  const controller = Object.keys(CONTROLLER);
  const queue = Object.keys(QUEUE);
  const inQueue = { labels: queue, buckets: QUEUE_BUCKETS };
  return {
    reconciles: registry.counter(
      'controller_runtime_reconcile_total',
      'Total number of reconciliations per controller',
      [...controller, 'result'],
    ),
    errors: registry.counter(
      'controller_runtime_reconcile_errors_total',
      'Total number of reconciliation errors per controller',
      controller,
    ),
    reconcileTime: registry.histogram(
      'controller_runtime_reconcile_time_seconds',
      'Length of time per reconciliation per controller',
      { labels: controller, buckets: RECONCILE_BUCKETS },
    ),
    adds: registry.counter('workqueue_adds_total', 'Total number of adds handled by workqueue', queue),
    retries: registry.counter('workqueue_retries_total', 'Total number of retries handled by workqueue', queue),
    lists: registry.counter(
      'reflector_lists_total',
      'Total number of API lists done by the reflectors',
      Object.keys(reflector('')),
    ),
    watches: registry.counter(
      'reflector_watches_total',
      'Total number of API watches done by the reflectors',
      Object.keys(reflector('')),
    ),
    queueTime: registry.histogram(
      'workqueue_queue_duration_seconds',
      'How long in seconds an item stays in workqueue before being requested',
      inQueue,
    ),
    workTime: registry.histogram(
      'workqueue_work_duration_seconds',
      'How long in seconds processing an item from workqueue takes.',
      inQueue,
    ),
  };
}
