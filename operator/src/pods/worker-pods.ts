// Watches over the pods of Active workers: a worker whose pod has ended before it marked its work done is handled by the
// WaitGroup's workerPolicy. A pod with the label konductor.io/waitgroup is watched; any other is looked for every 45 seconds. While
// no worker is Active, nothing is watched and no request is sent. docs/decisions/0050-when-a-worker-is-lost.md has the rules.
import { AbortedError, ConflictError, sleep } from '@konductor/client';
import type { WaitGroup, WaitGroupWorker } from '@konductor/schema';
import { EventRecorder } from '../controller/event-recorder.ts';
import type { LeaderPartOptions } from '../controller/leader-part.ts';
import { LossReports, type LossReportsOptions } from '../controller/loss-reports.ts';
import { hintFor } from '../framework/resource-caches.ts';
import { type Requeue, WorkQueue } from '../framework/work-queue.ts';
import { type ActiveWorker, ActiveWorkers } from './active-workers.ts';
import { LivingPods, type LivingPodsOptions } from './living-pods.ts';
import { LostWorkers } from './lost-workers.ts';
import type { JobReference } from './pod-end.ts';

export interface WorkerPodsOptions extends LeaderPartOptions {
  /** The cached WaitGroup by its key. */
  readonly waitGroup: (key: string) => WaitGroup | undefined;
  /** Called once for each worker that is lost. */
  readonly onLost: LossReportsOptions['onLost'];
  /** The time between two checks of pods that are not watched; 45,000 unless given. */
  readonly intervalMs?: number;
}

/** So that a pod that is not watched is noticed within 60 s of its end. */
const INTERVAL_MS = 45_000;
/** The first delay before a Job is read again; it doubles up to the interval. */
const FIRST_WAIT_MS = 2_000;
const CONCURRENCY = 8;

export class WorkerPods {
  readonly #options: WorkerPodsOptions;
  readonly #intervalMs: number;
  readonly #workers = new ActiveWorkers();
  readonly #events: EventRecorder;
  readonly #lost: LostWorkers;
  readonly #queue: WorkQueue;
  readonly #stopping = new AbortController();
  /** The watched pods that have ended since the last sweep: the record of such a pod can come later. */
  readonly #ended = new Map<string, readonly JobReference[]>();
  #watching: Promise<void> | undefined;

  constructor(options: WorkerPodsOptions) {
    const { transport, logger, instance, onLost, intervalMs = INTERVAL_MS } = options;
    this.#options = options;
    this.#intervalMs = intervalMs;
    this.#events = new EventRecorder({ transport, logger, instance });
    this.#lost = new LostWorkers({ transport, losses: new LossReports({ logger, events: this.#events, onLost }) });
    const process = (key: string) => this.#check(key);
    this.#queue = new WorkQueue({ process, concurrency: CONCURRENCY, observer: { onRetry: this.#onRetry } });
  }

  /** To be called with every record that is new, changed or gone (undefined). */
  observe(key: string, record: WaitGroupWorker | undefined): void {
    this.#workers.observe(key, record);
    const pod = this.#workers.get(key)?.pod;
    const jobs = pod && this.#ended.get(pod.uid);
    if (pod === undefined) this.#queue.forget(key);
    else if (jobs) this.#onEnd(pod.uid, jobs);
    this.begin();
  }

  /** For the moment when `isActive` becomes true; observe() calls it as well. */
  begin(): void {
    if (this.#watching || !this.#isNeeded) return;
    this.#watching = this.#watch().finally(() => {
      this.#watching = undefined;
      this.begin();
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await this.#queue.stop();
    await this.#events.flush();
  }

  get #isNeeded(): boolean {
    return this.#workers.size > 0 && this.#options.isActive() && !this.#stopping.signal.aborted;
  }

  /** Until no worker is Active any more. */
  async #watch(): Promise<void> {
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, this.#stopping.signal]);
    const living = new LivingPods(this.#watchOptions(signal));
    const watching = living.run();
    try {
      await Promise.race([living.synced, watching]);
      for (; this.#isNeeded; await sleep(this.#intervalMs, signal)) await this.#sweep(living);
    } catch (error) {
      if (!(error instanceof AbortedError)) throw error;
    } finally {
      ended.abort();
      await watching;
    }
  }

  #watchOptions(signal: AbortSignal): LivingPodsOptions {
    const { transport, logger, watchNamespace: namespace, observer } = this.#options;
    return {
      ...{ transport, namespace, signal },
      observer: {
        onList: () => observer.onList?.('pods'),
        onWatch: () => {
          observer.onWatch?.('pods');
          this.#queue.retryFailed();
        },
        onRetry: (err, delayMs) =>
          logger.warn({ err, resource: 'pods', delayMs, hint: hintFor(err) }, 'watch failed, retrying'),
      },
      onEnd: this.#onEnd,
    };
  }

  readonly #onEnd = (podUid: string, jobs: readonly JobReference[]): void => {
    this.#ended.set(podUid, jobs);
    for (const key of this.#workers.setJobs(podUid, jobs)) this.#queue.add(key);
  };

  /** Checks every worker whose pod is not known to live: after a start, whatever happened meanwhile. */
  async #sweep(living: LivingPods): Promise<void> {
    this.#ended.clear();
    const isUnknown = (worker: ActiveWorker) =>
      worker.waits === 0 && !this.#isSettled(worker) && !living.has(worker.namespace, worker.pod);
    try {
      for (const key of await this.#lost.missing(
        [...this.#workers.entries()].filter(([, worker]) => isUnknown(worker)),
      ))
        this.#queue.add(key);
    } catch (err) {
      this.#options.logger.warn({ err }, 'listing the pods of workers failed, retrying');
    }
  }

  /** Whether nothing is to be done unless somebody changes the policy. */
  #isSettled({ isReported, groupKey }: ActiveWorker): boolean {
    return isReported && (this.#options.waitGroup(groupKey)?.spec?.workerPolicy ?? 'Keep') === 'Keep';
  }

  async #check(key: string): Promise<Requeue> {
    const worker = this.#workers.get(key);
    const waitGroup = worker && this.#options.waitGroup(worker.groupKey);
    if (!worker || !waitGroup || !this.#options.isActive() || this.#isSettled(worker)) return {};
    if (waitGroup.metadata.deletionTimestamp !== undefined) return {};
    const isAwaited = await this.#lost.check(worker, waitGroup);
    const requeueAfterMs = Math.min(FIRST_WAIT_MS * 2 ** worker.waits, this.#intervalMs);
    worker.waits = isAwaited ? worker.waits + 1 : 0;
    return isAwaited ? { requeueAfterMs } : {};
  }

  readonly #onRetry = (key: string, err: unknown, delayMs: number): void => {
    const level = err instanceof ConflictError ? 'debug' : 'warn';
    this.#options.logger[level](
      { err, object: key, delayMs, hint: hintFor(err) },
      'checking the pod of a worker failed, retrying',
    );
  };
}
