// A worker with an identity: each of its operations changes its own record, which the operator counts once, however often the
// operation is retried, and whichever pod retries it.
import {
  currentStatus,
  isCreatedBy,
  type PodReference,
  type WaitGroup,
  type WaitGroupWorker,
  type WorkerOperation,
} from '@konductor/schema';
import { AlreadyExistsError } from '../../core/errors.ts';
import type { CallOptions } from '../call-options.ts';
import { randomId } from '../counting/counting-batch.ts';
import { type FailureReport, newFailure } from '../counting/failure-report.ts';
import { PinnedGroup } from '../counting/pinned-group.ts';
import { type RetryContext, retry, withDeadline } from '../retry.ts';
import type { NewWaitGroup, WaitGroupApi } from '../wait-group-api.ts';
import { WaitGroupNotFoundError, type WaitGroupReference, WorkerIsJobError } from '../wait-group-errors.ts';
import { awaitFold } from './await-fold.ts';
import { type Recorded, recordOperation } from './record-operation.ts';
import type { WorkerApi } from './worker-api.ts';
import { toWorkerId } from './worker-id.ts';

export interface Worker {
  /** A DNS label; of another name, what `toWorkerId` makes of it. */
  readonly id: string;
  /** The pod that works; that of the connection by default. */
  readonly pod?: PodReference | undefined;
}

/** The result of a worker's call. */
export interface WorkerCounted extends Recorded {
  /** The group as it was read last: of an add, one that counts it. */
  readonly group: WaitGroup;
}

export interface WorkerOptions extends CallOptions {
  /** Counts only in the group with this uid, never in another of the same name; absent: in any group of the name. */
  readonly uid?: string | undefined;
  /** The group's completions when the work began; absent: those it has now. */
  readonly round?: number | undefined;
}

export interface WorkerAddOptions extends WorkerOptions {
  /** Called when the add is recorded, and only the operator has still to count it. */
  readonly onRecorded?: ((record: WaitGroupWorker) => void) | undefined;
}

export interface ReleaseOptions extends WorkerOptions {
  /** Releases the worker only if this pod works; absent: whichever does. */
  readonly pod?: PodReference | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** The requests of a worker, and its limits. */
export interface WorkerContext {
  readonly groups: WaitGroupApi;
  readonly records: WorkerApi;
  readonly group: WaitGroupReference;
  readonly idleTimeoutMs: number | undefined;
}

type Change = Pick<WorkerOperation, 'kind' | 'pod' | 'reason' | 'message'>;

export class WorkerClient {
  readonly id: string;
  readonly pod: PodReference | undefined;
  readonly #context: WorkerContext;

  constructor(context: WorkerContext, { id, pod }: Worker) {
    this.id = toWorkerId(id);
    this.pod = pod;
    this.#context = context;
  }

  /**
   * Adds one unit of work that this worker will finish. If its work is outstanding already, nothing is added, and a pod that
   * replaces another takes the work over. Resolves when the operator has counted it: nothing that follows finds the group
   * without it. Errors: WaitGroupNotFoundError, NotYetCountedError, TimedOutError (nothing was recorded), UnknownOutcomeError,
   * WorkerIsJobError, AbortedError, and the API server's rejections.
   */
  add(options: WorkerAddOptions = {}): Promise<WorkerCounted> {
    return this.#call(options, async (context) => {
      const { group, record, outcome } = await this.#record({ kind: 'add', pod: this.pod }, options, context);
      if (!record) return { group, record, outcome };
      options.onRecorded?.(record);
      const watch = { transport: this.#context.groups.transport, idleTimeoutMs: this.#context.idleTimeoutMs };
      return { group: await awaitFold(watch, { group, record }, context), record, outcome };
    });
  }

  /** Like `add`, but creates the group if it does not exist. It is Done until the add is counted. Rejects also as `create` does. */
  async addOrCreate(group: Omit<NewWaitGroup, 'name'>, options: WorkerAddOptions = {}): Promise<WorkerCounted> {
    const limits = { startedAt: performance.now(), ...options };
    for (;;) {
      try {
        return await this.add(limits);
      } catch (error) {
        if (!(error instanceof WaitGroupNotFoundError && error.absence === 'missing')) throw error;
      }
      await this.#call(limits, (context) => retry(context, (signal) => this.#create(group, signal)));
    }
  }

  /** Begins one unit of work that another process has added, unless this worker has finished it in this round. */
  start(options: WorkerOptions = {}): Promise<WorkerCounted> {
    return this.#change({ kind: 'start', pod: this.pod }, options);
  }

  /** Finishes the work of this worker, once. Resolves when that is recorded: it will be counted. Errors: those of `start`. */
  done(options: WorkerOptions = {}): Promise<WorkerCounted> {
    return this.#change({ kind: 'done', pod: this.pod }, options);
  }

  /** Finishes the work of this worker, once, and fails the round. Errors: also TypeError for an invalid report. */
  async fail(report: FailureReport, options: WorkerOptions = {}): Promise<WorkerCounted> {
    const { reason, message } = newFailure(report, this.id);
    return this.#change({ kind: 'fail', pod: this.pod, reason, message }, options);
  }

  /** Leaves the work outstanding, with a message for people who read the record. */
  note(message: string, options: WorkerOptions = {}): Promise<WorkerCounted> {
    return this.#change({ kind: 'note', pod: this.pod, message }, options);
  }

  /** Finishes the work in place of a worker that is lost. */
  release({ pod, reason, message, ...options }: ReleaseOptions = {}): Promise<WorkerCounted> {
    return this.#change({ kind: 'release', pod, reason, message }, options);
  }

  #change(change: Change, options: WorkerOptions): Promise<WorkerCounted> {
    return this.#call(options, (context) => this.#record(change, options, context));
  }

  async #record(change: Change, options: WorkerOptions, context: RetryContext): Promise<WorkerCounted> {
    const { namespace, name } = context.group;
    const group = await this.#read(options.uid, context);
    const { uid = '' } = group.metadata;
    const round = options.round ?? this.#roundOf(change, group);
    const operation = { ...change, id: randomId(), worker: this.id, round };
    const recording = { api: this.#context.records, group: { namespace, name, uid }, operation };
    const { record, outcome } = await recordOperation(recording, context);
    const isJob = outcome === 'otherPod' && record?.spec.job !== undefined;
    if (isJob && change.kind !== 'release') throw new WorkerIsJobError(context.group, record);
    return { group, record, outcome };
  }

  /** The work that this worker created the group with is its own: it is finished once, not once in each round. */
  #roundOf({ kind }: Change, group: WaitGroup): number {
    const isOwn = (kind === 'done' || kind === 'fail') && isCreatedBy(group, this.id);
    return isOwn ? 0 : (currentStatus(group).completions ?? 0);
  }

  async #read(uid: string | undefined, context: RetryContext): Promise<WaitGroup> {
    const pinned = new PinnedGroup(this.#context.groups, context.group, uid);
    const group = await retry(context, (signal) => pinned.read(signal));
    if (!group.metadata.deletionTimestamp) return group;
    throw new WaitGroupNotFoundError(context.group, 'deleted', group.status);
  }

  async #create(group: Omit<NewWaitGroup, 'name'>, signal: AbortSignal): Promise<void> {
    const { namespace, name } = this.#context.group;
    await this.#context.groups.create(namespace, { ...group, name }, { signal }).catch((error) => {
      if (!(error instanceof AlreadyExistsError)) throw error;
    });
  }

  #call<T>(options: WorkerOptions, work: (context: RetryContext) => Promise<T>): Promise<T> {
    return withDeadline(this.#context.group, options, work);
  }
}
