// Makes the record of one Job say what the Job says: at most one write at a time, guarded by the resourceVersion of the record.
import { AlreadyExistsError, type KubeTransport, toWorkerId } from '@konductor/client';
import { describeEvent, type WaitGroup, type WaitGroupWorker, workerRecordName } from '@konductor/schema';
import type { EventRecorder } from '../controller/event-recorder.ts';
import type { LossReports } from '../controller/loss-reports.ts';
import type { JobEnd } from '../workers/job-end.ts';
import { LiveChecks } from '../workers/live-checks.ts';
import { readRecord } from '../workers/live-reads.ts';
import { RecordWriter } from '../workers/record-writer.ts';
import type { CountedJob } from './counted-job.ts';
import { JobReads } from './job-reads.ts';
import type { JobRecord } from './job-records.ts';
import { judgeJob, type Loss, type Observed, type Step } from './judge-job.ts';

export interface JobWorkersOptions {
  readonly transport: KubeTransport;
  readonly events: EventRecorder;
  readonly losses: LossReports;
}

/** A Job, or what is left of it, and its record in a WaitGroup. */
interface Subject {
  readonly waitGroup: WaitGroup;
  readonly job: Observed['job'];
  readonly record: WaitGroupWorker | undefined;
}

export class JobWorkers {
  readonly #options: JobWorkersOptions;
  readonly #reads: JobReads;
  readonly #live: LiveChecks;
  readonly #writer: RecordWriter;

  constructor(options: JobWorkersOptions) {
    this.#options = options;
    this.#reads = new JobReads(options.transport);
    this.#live = new LiveChecks(options.transport);
    this.#writer = new RecordWriter(options.transport);
  }

  /** A Job that counts for the WaitGroup. Throws ConflictError when the record has changed meanwhile. */
  async follow(waitGroup: WaitGroup, job: CountedJob, known: JobRecord | undefined): Promise<void> {
    const subject = { waitGroup, job: factsOf(job), record: known?.record };
    const step = judge(subject);
    if (step.kind === 'add' || step.kind === 'start') await this.#begin(subject, job);
    else await this.#carryOut(step, subject, known);
  }

  /** An Active record whose Job is not cached; `seen`: how it ended before it was gone. */
  async leave(waitGroup: WaitGroup, known: JobRecord, seen: JobEnd | undefined): Promise<void> {
    const { metadata, spec } = known.record;
    const { namespace = '', name } = metadata;
    const { job } = spec;
    if (job === undefined) return;
    const found = await this.#reads.job(namespace, job.name);
    // The watch reports a Job that counts: it may take the record over.
    if (found?.waitGroup === waitGroup.metadata.name) return;
    const stored = found?.metadata.uid === job.uid ? found : undefined;
    const end = stored ? stored.end : (seen ?? (await this.#reads.endByEvents(namespace, job.uid)));
    const record = await readRecord(this.#options.transport, namespace, name);
    if (!(await this.#live.isKept(waitGroup))) return;
    const departure = stored ? 'LabelRemoved' : 'JobDeleted';
    const subject = { waitGroup, record, job: { ...job, isAdded: false, end, departure } } as const;
    await this.#carryOut(judge(subject), subject, known);
  }

  /** Only for a Job that exists: the record of one that is gone may have been retired. */
  async #begin(subject: Subject, job: CountedJob): Promise<void> {
    const { namespace = '', name } = job.metadata;
    const found = await this.#reads.job(namespace, name);
    if (!found || found.metadata.uid !== job.metadata.uid || found.waitGroup !== job.waitGroup) return;
    const present = { ...subject, job: factsOf(found) };
    try {
      await this.#carryOut(judge(present), present);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      // The record is newer than the cache, or a pod owns it.
      const record = await readRecord(this.#options.transport, namespace, recordNameOf(present));
      const stored = { ...present, record };
      await this.#carryOut(judge(stored), stored);
    }
  }

  async #carryOut(step: Step, subject: Subject, known?: JobRecord): Promise<void> {
    if (step.kind === 'nothing') return;
    if (step.kind === 'report') return this.#report(step, subject, known);
    const { waitGroup, record, job } = subject;
    const { name, uid } = job;
    const outcome = await this.#writer.write(record, waitGroup, {
      ...{ kind: step.kind, worker: toWorkerId(name), job: { name, uid } },
      ...('message' in step && { reason: step.reason, message: step.message }),
    });
    if (outcome === 'OtherKind') this.#reportTaken(subject);
    if (outcome === 'written' && 'message' in step) this.#report(step, subject, known);
  }

  #report({ event, reason, message }: Loss, subject: Subject, known: JobRecord | undefined): void {
    const { waitGroup, job } = subject;
    const policy = policyOf(waitGroup);
    if (known?.reported === policy) return;
    if (known) known.reported = policy;
    const { name: group, namespace } = waitGroup.metadata;
    const worker = toWorkerId(job.name);
    this.#options.losses.report(waitGroup, {
      ...{ event, message, policy, record: recordNameOf(subject), ownerUid: job.uid },
      advice: `to release it, run koncli waitgroup release ${group} --worker ${worker} -n ${namespace}`,
      fields: { worker, job: job.name, reason },
    });
  }

  #reportTaken({ waitGroup, job }: Subject): void {
    const worker = toWorkerId(job.name);
    const event = describeEvent('WorkerIdInUse', { job: job.name, worker });
    this.#options.events.record(waitGroup, { ...event, dedupeKey: job.uid });
  }
}

function judge({ waitGroup, job, record }: Subject): Step {
  return judgeJob({ job, record, policy: policyOf(waitGroup) });
}

function recordNameOf({ waitGroup: { metadata }, job }: Subject): string {
  return workerRecordName({ name: metadata.name, uid: metadata.uid ?? '' }, toWorkerId(job.name));
}

function policyOf({ spec }: WaitGroup) {
  return spec?.workerPolicy ?? 'Keep';
}

function factsOf({ metadata, isAdded, end }: CountedJob): Observed['job'] {
  const { name, uid = '', deletionTimestamp } = metadata;
  return { name, uid, isAdded, end, isBeingDeleted: deletionTimestamp !== undefined };
}
