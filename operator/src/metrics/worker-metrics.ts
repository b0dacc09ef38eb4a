// Metrics of workers: their cached records, the folds that count them, and those that were lost.
import type { WorkerPolicy } from '@konductor/schema';
import type { LossReason, LossReportsOptions } from '../controller/loss-reports.ts';
import type { FoldObserver } from '../workers/worker-folds.ts';
import type { MetricsRegistry } from './metrics-registry.ts';

/** Read when the metrics are scraped. */
export interface WorkerState {
  /** The number of cached WaitGroupWorkers in each state. */
  workerStates(): Readonly<Record<string, number>>;
  /** The number of cached WaitGroupWorkers whose last change is not counted yet. */
  uncountedWorkers(): number;
  /** The number of cached WaitGroups whose workers have finished more work than was added. */
  overruns(): number;
}

const REASONS = ['WorkerLost', 'JobFailed'] satisfies LossReason[];
const POLICIES = ['Keep', 'Release', 'Fail'] satisfies WorkerPolicy[];

export class WorkerMetrics implements FoldObserver {
  readonly #folds;
  readonly #staleLists;
  readonly #retired;
  readonly #lost;

  constructor(registry: MetricsRegistry) {
    this.#folds = registry.counter(
      'konductor_waitgroup_worker_syncs_total',
      'Number of updates of WaitGroups by which changes of their workers were counted; one update counts all that have changed',
    );
    this.#staleLists = registry.counter(
      'konductor_waitgroup_worker_relists_total',
      'Number of times that the workers of one WaitGroup were listed again, because the cache was older than what had been counted',
    );
    this.#retired = registry.counter(
      'konductor_waitgroup_workers_deleted_total',
      'Number of WaitGroupWorkers that were deleted because their pod or Job is gone; their work stays counted',
    );
    this.#lost = registry.counter(
      'konductor_waitgroup_workers_lost_total',
      'Number of workers whose pod ended, or whose Job failed, was deleted or lost its label, before their work was done; by the ' +
        'reason of the Event and the workerPolicy',
      ['reason', 'policy'],
    );
    for (const reason of REASONS) for (const policy of POLICIES) this.#lost.inc({ reason, policy }, 0);
  }

  readonly onLost: LossReportsOptions['onLost'] = (reason, policy) => this.#lost.inc({ reason, policy });

  onFold(): void {
    this.#folds.inc();
  }

  onStaleList(): void {
    this.#staleLists.inc();
  }

  onRetired(): void {
    this.#retired.inc();
  }
}

export function addWorkerState(registry: MetricsRegistry, state: WorkerState): void {
  const workers = 'Number of WaitGroupWorkers in the cache, by state';
  registry.gauge('konductor_waitgroup_workers', workers, ['state'], (gauge) => {
    for (const [name, count] of Object.entries(state.workerStates())) gauge.set({ state: name }, count);
  });
  const uncounted = 'Number of WaitGroupWorkers in the cache whose last change is not counted yet';
  registry.gaugeOf('konductor_waitgroup_workers_uncounted', uncounted, () => state.uncountedWorkers());
  const overruns = 'Number of WaitGroups in the cache whose workers have finished more work than was added';
  registry.gaugeOf('konductor_waitgroups_overrun', overruns, () => state.overruns());
}
