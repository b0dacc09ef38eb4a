// Checks one worker whose pod may have ended, by live reads, and does what its WaitGroup's workerPolicy says: at most one write to
// the record, guarded by its resourceVersion, then the Event.
import type { KubeTransport } from '@konductor/client';
import type { WaitGroup, WaitGroupWorker, WorkerPolicy } from '@konductor/schema';
import type { LossReports } from '../controller/loss-reports.ts';
import { RecordWriter } from '../workers/record-writer.ts';
import type { ActiveWorker } from './active-workers.ts';
import { judgeWorker, type Loss } from './judge-worker.ts';
import { jobsNamedIn, jobsOf, podEnd } from './pod-end.ts';
import { PodReads } from './pod-reads.ts';

export interface LostWorkersOptions {
  readonly transport: KubeTransport;
  readonly losses: LossReports;
}

/** The pods of more workers of one namespace are listed: that costs the API server less than reading each. */
const MAX_SINGLE_READS = 20;

export class LostWorkers {
  readonly #options: LostWorkersOptions;
  readonly #reads: PodReads;
  readonly #writer: RecordWriter;

  constructor(options: LostWorkersOptions) {
    this.#options = options;
    this.#reads = new PodReads(options.transport);
    this.#writer = new RecordWriter(options.transport);
  }

  /** The keys of the workers to check; many workers of one namespace cost one list of its pods. */
  async missing(workers: Iterable<readonly [string, ActiveWorker]>): Promise<readonly string[]> {
    const byNamespace = Map.groupBy(workers, ([, { namespace }]) => namespace);
    const missing: string[] = [];
    for (const [namespace, entries] of byNamespace) {
      const uids = entries.length > MAX_SINGLE_READS ? await this.#reads.livingPods(namespace) : new Set();
      missing.push(...entries.filter(([, { pod }]) => !uids.has(pod.uid)).map(([key]) => key));
    }
    return missing;
  }

  /** Returns whether the replacement of the pod is awaited. Throws ConflictError when the record has changed meanwhile. */
  async check(worker: ActiveWorker, waitGroup: WaitGroup): Promise<boolean> {
    const { namespace, pod } = worker;
    if (worker.waits > 0 && (await this.#hasUnfinishedJob(worker))) return true;
    const found = await this.#reads.pod(namespace, pod);
    const end = podEnd(found);
    if (end === undefined) return false;
    worker.jobs ??= found ? jobsOf(found) : jobsNamedIn(pod.name);
    const hasUnfinishedJob = await this.#hasUnfinishedJob(worker);
    const record = await this.#reads.record(namespace, worker.name);
    const policy = waitGroup.spec?.workerPolicy ?? 'Keep';
    const verdict = judgeWorker({ record, podUid: pod.uid, end, hasUnfinishedJob, policy });
    if (verdict.kind === 'wait') return true;
    if (verdict.kind === 'nothing' || !record || (await this.#reads.isTerminating(namespace))) return false;
    const isLost = verdict.kind === 'report' || (await this.#release(record, waitGroup, verdict));
    if (isLost) this.#report(worker, { waitGroup, policy, verdict });
    return false;
  }

  #hasUnfinishedJob({ namespace, jobs = [] }: ActiveWorker): Promise<boolean> {
    return this.#reads.hasUnfinishedJob(namespace, jobs);
  }

  /** Returns false if there is nothing to release. */
  async #release(record: WaitGroupWorker, waitGroup: WaitGroup, { reason, message }: Loss): Promise<boolean> {
    const { worker, pod } = record.spec;
    const operation = { kind: 'release', worker, pod, reason, message } as const;
    return (await this.#writer.write(record, waitGroup, operation)) === 'written';
  }

  #report(worker: ActiveWorker, loss: { waitGroup: WaitGroup; policy: WorkerPolicy; verdict: Loss }): void {
    const { policy, waitGroup, verdict } = loss;
    const { reason, message } = verdict;
    const { uid: ownerUid, name: pod } = worker.pod;
    const fields = { worker: worker.worker, pod, reason };
    const event = 'WorkerLost';
    this.#options.losses.report(waitGroup, { event, message, policy, record: worker.name, ownerUid, fields });
    worker.isReported = true;
  }
}
