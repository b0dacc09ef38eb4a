// All metrics of the operator, named as in controller-runtime and client-go where these have an equivalent. No label is the
// name of an object.
import type { KubeTransportOptions, ServerClock } from '@konductor/client';
import { FAILURE_REASONS } from '@konductor/schema';
import type { DecisionEvent } from '../controller/decision-events.ts';
import type { Routes } from '../serving/http-server.ts';
import { addControllerState, ControllerMetrics, type ControllerState } from './controller-metrics.ts';
import { addHoldState, HoldMetrics, type HoldState } from './hold-metrics.ts';
import { type MetricFamily, MetricsRegistry } from './metrics-registry.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { addWorkerState, WorkerMetrics, type WorkerState } from './worker-metrics.ts';

/** Read when the metrics are scraped. */
export interface MetricsSource extends ControllerState, WorkerState {
  phases(): Readonly<Record<string, number>>;
  oldestWaitingSeconds(): number;
}

/** The reasons of failures that have a time series of their own; those that users choose could be any number. */
const COUNTED_REASONS: readonly string[] = [...FAILURE_REASONS, 'Other'];

/** The buckets of component-base. */
const REQUEST_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export class Metrics {
  readonly #registry = new MetricsRegistry();
  readonly controller = new ControllerMetrics(this.#registry);
  readonly workers = new WorkerMetrics(this.#registry);
  readonly holds = new HoldMetrics(this.#registry);
  readonly #requests = this.#registry.counter(
    'rest_client_requests_total',
    'Number of HTTP requests, partitioned by status code, method, and host.',
    ['code', 'method', 'host'],
  );
  readonly #requestTime = this.#registry.histogram(
    'rest_client_request_duration_seconds',
    'Request latency in seconds, until the response headers. Broken down by verb, and host.',
    { labels: ['verb', 'host'], buckets: REQUEST_BUCKETS },
  );
  readonly #transitions = {
    Completed: this.#registry.counter(
      'konductor_waitgroup_completions_total',
      'Number of completions that were recorded, of rounds that succeeded',
    ),
    Expired: this.#registry.counter(
      'konductor_waitgroup_expirations_total',
      'Number of WaitGroups that were deleted after their TTL',
    ),
  };

  readonly #failures = this.#registry.counter(
    'konductor_waitgroup_failures_total',
    'Number of rounds that failed, by the reason of the failure',
    ['reason'],
  );

  constructor() {
    for (const reason of COUNTED_REASONS) this.#failures.inc({ reason }, 0);
    addProcessMetrics(this.#registry);
  }

  observeClock(clock: ServerClock): void {
    const help = "By how much the operator's clock is ahead of the API server's, in seconds; 0 if they may agree";
    this.#registry.gaugeOf('konductor_operator_clock_offset_seconds', help, () => clock.aheadMs / 1_000);
  }

  observe(source: MetricsSource, holds: HoldState): void {
    addHoldState(this.#registry, holds);
    addControllerState(this.#registry, source);
    addWorkerState(this.#registry, source);
    this.#registry.gauge('konductor_waitgroups', 'Number of WaitGroups in the cache, by phase', ['phase'], (gauge) => {
      for (const [phase, count] of Object.entries(source.phases())) gauge.set({ phase }, count);
    });
    const oldest =
      'For how many seconds the WaitGroup that has waited longest has had outstanding work; 0 if none waits';
    this.#registry.gaugeOf('konductor_waitgroup_longest_wait_seconds', oldest, () => source.oldestWaitingSeconds());
  }

  /** Read when the metrics are scraped. */
  observeJobs(states: () => Readonly<Record<string, number>>): void {
    const help = 'Number of cached Jobs with the label konductor.io/counts-for, by state; 0 on standby';
    this.#registry.gauge('konductor_counted_jobs', help, ['state'], (gauge) => {
      for (const [state, count] of Object.entries(states())) gauge.set({ state }, count);
    });
  }

  /** Only with leader election. */
  observeLeader(lease: string, isLeading: () => boolean): void {
    const help =
      'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. ' +
      "'name' is the string used to identify the lease. Please make sure to group by name.";
    this.#registry.gaugeOf('leader_election_master_status', help, () => (isLeading() ? 1 : 0), { name: lease });
  }

  readonly onRequest: NonNullable<KubeTransportOptions['onRequest']> = ({ method, host, code, seconds }) => {
    this.#requests.inc({ code, method, host });
    this.#requestTime.observe({ verb: method, host }, seconds);
  };

  readonly onTransition = (reason: DecisionEvent['reason'], failure = ''): void => {
    if (reason === 'Completed' || reason === 'Expired') this.#transitions[reason].inc();
    else if (reason !== 'Corrected')
      this.#failures.inc({ reason: COUNTED_REASONS.includes(failure) ? failure : 'Other' });
  };

  /** All metrics that are declared by now, for their reference. */
  families(): readonly MetricFamily[] {
    return this.#registry.families();
  }

  routes(): Routes {
    const { contentType } = this.#registry;
    return { '/metrics': async () => ({ code: 200, contentType, body: await this.#registry.text() }) };
  }
}
