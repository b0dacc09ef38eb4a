// One operation of a worker, sent until its outcome is known: read the record, apply the table, create or write what it says.
// Applied to a record that it has changed, the table says so, so that a lost response or a conflict only starts it again.
import {
  applyWorkerOperation,
  type NoChange,
  type WaitGroupWorker,
  type WaitGroupWorkerSpec,
  type WorkerOperation,
} from '@konductor/schema';
import { Backoff } from '../../core/backoff.ts';
import { NotFoundError } from '../../core/errors.ts';
import { sleep } from '../../core/timer.ts';
import { WriteState } from '../counting/write-state.ts';
import { createPause, type RetryContext, retry, unknownOutcomeError } from '../retry.ts';
import type { GroupIdentity, WorkerApi } from './worker-api.ts';

/**
 * `recorded`: this call changed the record. `repeated`: it had been changed so before. `otherPod`: the record belongs to another
 * pod, or to a Job, which counts. `noRecord`: there is no such worker.
 */
export type WorkerOutcome = 'recorded' | 'repeated' | 'otherPod' | 'noRecord';

export interface Recorded {
  readonly record: WaitGroupWorker | undefined;
  readonly outcome: WorkerOutcome;
}

/** The requests that recording is made of. */
export type RecordingApi = Pick<WorkerApi, 'get' | 'create' | 'patch'>;

export interface Recording {
  readonly api: RecordingApi;
  readonly group: GroupIdentity;
  readonly operation: WorkerOperation;
}

/** Twins of a worker that write its record at once leave each other some time. */
const CONFLICT_BACKOFF = { initialMs: 10, maxMs: 1_000 };

/** Errors: TimedOutError (nothing was recorded), UnknownOutcomeError, AbortedError, and the API server's rejections. */
export function recordOperation(recording: Recording, context: RetryContext): Promise<Recorded> {
  return new RecordOperation(recording, context).run();
}

/** What a write was conditional on: the resourceVersion of the record, or its absence. */
interface Base {
  readonly version: string | undefined;
}

class RecordOperation {
  readonly #recording: Recording;
  readonly #context: RetryContext;
  readonly #pause: (error: unknown) => Promise<void>;
  readonly #conflicts = new Backoff(CONFLICT_BACKOFF);
  readonly #write = new WriteState<Base>();
  /** What the last write was conditional on. */
  #base: Base | undefined;

  constructor(recording: Recording, context: RetryContext) {
    this.#recording = recording;
    this.#context = context;
    this.#pause = createPause(context);
  }

  async run(): Promise<Recorded> {
    try {
      return await this.#repeatUntilRecorded();
    } catch (error) {
      if (!this.#write.isInDoubtAfter(error)) throw error;
      const { kind, worker } = this.#recording.operation;
      throw unknownOutcomeError(this.#context.group, error, `the ${kind} of worker "${worker}"`);
    }
  }

  async #repeatUntilRecorded(): Promise<Recorded> {
    const { group, operation } = this.#recording;
    for (;;) {
      const record = await this.#look();
      const step = applyWorkerOperation(record, group, operation);
      if (step.kind === 'none') return { record, outcome: outcomeOf(step.why) };
      const written = await this.#send(record, step.spec);
      if (written) return { record: written, outcome: 'recorded' };
    }
  }

  /** Reads the record, and settles the last write: once another one has come first, it can never take effect. */
  async #look(): Promise<WaitGroupWorker | undefined> {
    const { api, group, operation } = this.#recording;
    const record = await retry(this.#context, (signal) => api.get(group, operation.worker, { signal }));
    if (this.#write.rejectedOn || record?.metadata.resourceVersion !== this.#base?.version) this.#write.settle();
    return record;
  }

  /** The record as written; undefined when the table must be applied to the record as it is then. */
  async #send(record: WaitGroupWorker | undefined, spec: WaitGroupWorkerSpec): Promise<WaitGroupWorker | undefined> {
    const { api, group } = this.#recording;
    const { signal } = this.#context.deadline;
    this.#base = { version: record?.metadata.resourceVersion };
    this.#write.sendOn(this.#base);
    try {
      return await (record ? api.patch(record, spec, { signal }) : api.create(group, spec, { signal }));
    } catch (error) {
      const next = this.#write.failWith(error);
      const isOvertaken = next === 'settle' || next === 'giveWay' || (record && error instanceof NotFoundError);
      await (isOvertaken ? sleep(this.#conflicts.next(), signal).catch(this.#pause) : this.#pause(error));
      return undefined;
    }
  }
}

/** `AlreadyRecorded`: an attempt of this call was stored, for no other call has its ID. */
function outcomeOf(why: NoChange): WorkerOutcome {
  switch (why) {
    case 'AlreadyRecorded':
      return 'recorded';
    case 'AlreadyActive':
    case 'AlreadyFinished':
      return 'repeated';
    case 'OtherPod':
    case 'OtherKind':
      return 'otherPod';
    case 'NoRecord':
      return 'noRecord';
  }
}
