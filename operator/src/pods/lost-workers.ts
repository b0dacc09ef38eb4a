// Checks one worker whose pod may have ended, by live reads, and does what its WaitGroup's workerPolicy says: at most one write to
// the record, guarded by its resourceVersion, then the Event.
import { randomUUID } from 'node:crypto';
import { type KubeTransport, NotFoundError } from '@konductor/client';
import { applyWorkerOperation, type WaitGroup, type WaitGroupWorker, type WorkerPolicy } from '@konductor/schema';
import type { EventRecorder } from '../controller/event-recorder.ts';
import type { Logger } from '../framework/logger.ts';
import { FIELD_MANAGER } from '../version.ts';
import { workersPath } from '../workers/live-reads.ts';
import type { ActiveWorker } from './active-workers.ts';
import { judgeWorker, type Loss } from './judge-worker.ts';
import { jobsNamedIn, jobsOf, podEnd } from './pod-end.ts';
import { PodReads } from './pod-reads.ts';

export interface LostWorkersOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  readonly events: EventRecorder;
  /** Called once for each worker that is lost. */
  readonly onLost: (policy: WorkerPolicy) => void;
}

const CONSEQUENCES: Readonly<Record<WorkerPolicy, string>> = {
  Keep: 'its work stays outstanding',
  Release: 'its work is released',
  Fail: 'its work is released, and the round fails',
};

/** The pods of more workers of one namespace are listed: that costs the API server less than reading each. */
const MAX_SINGLE_READS = 20;

export class LostWorkers {
  readonly #options: LostWorkersOptions;
  readonly #reads: PodReads;

  constructor(options: LostWorkersOptions) {
    this.#options = options;
    this.#reads = new PodReads(options.transport);
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

  /** Returns false if the record is gone. */
  async #release(record: WaitGroupWorker, waitGroup: WaitGroup, { reason, message }: Loss): Promise<boolean> {
    const { namespace = '', name, uid, resourceVersion } = record.metadata;
    const { worker, pod } = record.spec;
    const group = { name: waitGroup.metadata.name, uid: waitGroup.metadata.uid ?? '' };
    const round = waitGroup.status?.completions ?? 0;
    const operation = { kind: 'release', id: randomUUID(), worker, pod, round, reason, message } as const;
    const step = applyWorkerOperation(record, group, operation);
    if (step.kind === 'none') return false;
    try {
      await this.#options.transport.request({
        method: 'PATCH',
        path: workersPath(namespace, name),
        query: { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' },
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid, resourceVersion }, spec: step.spec },
      });
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  #report(worker: ActiveWorker, loss: { waitGroup: WaitGroup; policy: WorkerPolicy; verdict: Loss }): void {
    const { events, logger, onLost } = this.#options;
    const { policy, waitGroup, verdict } = loss;
    const message = `${verdict.message}; ${CONSEQUENCES[policy]} (workerPolicy ${policy})`;
    // The same for every operator, and another one for each pod of the worker.
    const dedupeKey = `${worker.name} ${worker.pod.uid} ${policy}`;
    events.record(waitGroup, { type: 'Warning', reason: 'WorkerLost', message, dedupeKey });
    const { namespace, pod } = worker;
    const fields = { namespace, name: waitGroup.metadata.name, worker: worker.worker, pod: pod.name, policy };
    logger.info({ ...fields, reason: verdict.reason }, 'worker lost');
    worker.isReported = true;
    onLost(policy);
  }
}
