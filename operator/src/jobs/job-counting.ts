// Counts the Jobs with the label konductor.io/counts-for: keeps a record for each, as if it were a worker with an identity. Whatever
// wakes it, the present state of Job, record and WaitGroup decides. Without permissions on Jobs, all other workers are counted.
import { ConflictError, ForbiddenError, type KubeObject } from '@konductor/client';
import type { WaitGroup, WaitGroupWorker } from '@konductor/schema';
import { EventRecorder } from '../controller/event-recorder.ts';
import type { LeaderPartOptions } from '../controller/leader-part.ts';
import { LossReports, type LossReportsOptions } from '../controller/loss-reports.ts';
import { hintFor } from '../framework/resource-caches.ts';
import { WorkQueue } from '../framework/work-queue.ts';
import { parseSlot } from './counted-job.ts';
import { CountedJobs } from './counted-jobs.ts';
import { JobRecords } from './job-records.ts';
import { JobWorkers } from './job-workers.ts';

export interface JobCountingOptions extends LeaderPartOptions {
  /** The cached WaitGroup of a name. */
  readonly waitGroupNamed: (namespace: string, name: string) => WaitGroup | undefined;
  /** Called once for each Job that is lost. */
  readonly onLost: LossReportsOptions['onLost'];
}

const CONCURRENCY = 16;

export class JobCounting {
  readonly #options: JobCountingOptions;
  readonly #jobs: CountedJobs;
  readonly #records = new JobRecords();
  readonly #workers: JobWorkers;
  readonly #events: EventRecorder;
  readonly #queue: WorkQueue;
  readonly #stopping = new AbortController();
  #watching: Promise<void> | undefined;
  /** Whether missing permissions have been logged since the last watch began. */
  #isDenied = false;

  constructor(options: JobCountingOptions) {
    const { transport, logger, instance, onLost, watchNamespace: namespace } = options;
    this.#options = options;
    this.#events = new EventRecorder({ transport, logger, instance });
    const losses = new LossReports({ logger, events: this.#events, onLost });
    this.#workers = new JobWorkers({ transport, events: this.#events, losses });
    const process = (slot: string) => this.#settle(slot);
    this.#queue = new WorkQueue({ process, concurrency: CONCURRENCY, observer: { onRetry: this.#onRetry } });
    this.#jobs = new CountedJobs({
      ...{ transport, namespace, signal: this.#stopping.signal },
      observer: this.#watchObserver(),
      onSlot: (slot) => this.#wake(slot),
      onSynced: () => this.#resync(),
    });
  }

  /** To be called with every record that is new, changed or gone (undefined). */
  observe(key: string, record: WaitGroupWorker | undefined): void {
    const slot = this.#records.observe(key, record);
    if (slot !== undefined) this.#wake(slot);
  }

  /** To be called with every state of a WaitGroup; `current` undefined: it was deleted. */
  observeWaitGroup(current: KubeObject | undefined, previous: KubeObject | undefined): void {
    if (current === undefined || decisiveOf(current) === decisiveOf(previous)) return;
    const group = `${current.metadata.namespace}/${current.metadata.name}`;
    for (const slot of [...this.#jobs.slotsOf(group), ...this.#records.slotsOf(group)]) this.#wake(slot);
  }

  /** For the moment when `isActive` becomes true. */
  begin(): void {
    if (!this.#options.isActive() || this.#stopping.signal.aborted) return;
    if (this.#watching) this.#resync();
    else this.#watching = this.#jobs.run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await this.#queue.stop();
    await this.#events.flush();
  }

  /** The number of cached Jobs that count, by state. */
  states(): Readonly<Record<string, number>> {
    const states = { Unfinished: 0, Complete: 0, Failed: 0 };
    for (const { end } of this.#jobs.objects()) states[end?.kind ?? 'Unfinished'] += 1;
    return states;
  }

  get #isActive(): boolean {
    return this.#jobs.hasSynced && this.#options.isActive();
  }

  #wake(slot: string): void {
    if (this.#isActive) this.#queue.add(slot);
  }

  /** Jobs without a record first: all are added before one of them is done. */
  #resync(): void {
    const recorded = this.#records.slots();
    const jobs = [...this.#jobs.slots()];
    for (const slot of [...jobs.filter((slot) => !recorded.has(slot)), ...recorded, ...jobs]) this.#wake(slot);
  }

  async #settle(slot: string): Promise<void> {
    const { namespace, waitGroup: name, job: jobName } = parseSlot(slot);
    const waitGroup = this.#options.waitGroupNamed(namespace, name);
    if (!waitGroup || waitGroup.metadata.deletionTimestamp !== undefined || !this.#isActive) return;
    const job = this.#jobs.get(slot);
    const known = this.#records.of(waitGroup, jobName);
    if (job) return this.#workers.follow(waitGroup, job, known);
    if (known === undefined) return;
    const isActive = known.record.spec.state === 'Active';
    if (isActive) await this.#workers.leave(waitGroup, known, this.#jobs.endOf(known.record));
    this.#jobs.forgetEnd(slot);
  }

  #watchObserver() {
    const { logger, observer } = this.#options;
    return {
      onList: () => observer.onList?.('jobs'),
      onWatch: () => {
        observer.onWatch?.('jobs');
        this.#isDenied = false;
        this.#queue.retryFailed();
      },
      onRetry: (err: Error, delayMs: number) =>
        logger[this.#levelOf(err)]({ err, resource: 'jobs', delayMs, hint: hintFor(err) }, 'watch failed, retrying'),
    };
  }

  readonly #onRetry = (slot: string, err: unknown, delayMs: number): void => {
    const fields = { err, object: slot, delayMs, hint: hintFor(err) };
    this.#options.logger[this.#levelOf(err)](fields, 'counting a Job failed, retrying');
  };

  /** Missing permissions are logged once, and conflicts are normal. */
  #levelOf(error: unknown): 'debug' | 'warn' {
    if (error instanceof ConflictError) return 'debug';
    if (!(error instanceof ForbiddenError)) return 'warn';
    const level = this.#isDenied ? 'debug' : 'warn';
    this.#isDenied = true;
    return level;
  }
}

/** What of a WaitGroup decides about its Jobs. */
function decisiveOf(object: KubeObject | undefined): string {
  const { metadata, spec } = (object ?? {}) as Partial<WaitGroup>;
  return `${metadata?.uid} ${metadata?.deletionTimestamp} ${spec?.workerPolicy}`;
}
