// What an operation of a worker writes into its record. Pure; the caller reads, writes and retries. Applied again, to a record
// that it has changed already, an operation changes nothing: the worker counts once, however often it is retried.
import type { JobReference, PodReference, WaitGroupWorker, WaitGroupWorkerSpec, WorkerState } from '../shape/worker.ts';
import { MAX_FAILURE_MESSAGE } from '../values/limits.ts';
import { cutText } from '../values/text.ts';

export interface WorkerOperation {
  /**
   * `add` begins own work; `start` begins work that another process has added. `done` and `fail` finish either. `release` finishes
   * it in place of the worker. `note` leaves it outstanding, with a message.
   */
  readonly kind: 'add' | 'start' | 'done' | 'fail' | 'release' | 'note';
  /** Random, and the same for all retries of this operation. */
  readonly id: string;
  /** ID of the worker: a DNS label. */
  readonly worker: string;
  /** The pod of the caller; of `release`, the pod that was lost, or nothing to release whatever the worker is. */
  readonly pod?: PodReference | undefined;
  /** The Job that is the worker, in place of a pod. */
  readonly job?: JobReference | undefined;
  /** The WaitGroup's completions, read before the operation was first sent. */
  readonly round: number;
  readonly reason?: string | undefined;
  /** Cut to 1,024 characters. */
  readonly message?: string | undefined;
}

/** What to write, or why nothing is to be written. */
export type WorkerStep =
  | { readonly kind: 'write'; readonly spec: WaitGroupWorkerSpec }
  | { readonly kind: 'none'; readonly why: NoChange };

/**
 * `AlreadyRecorded`: an earlier attempt was stored. `OtherPod`: the record belongs to another pod or Job, which counts. `OtherKind`:
 * the worker of this ID is a Job and not a pod, or the reverse.
 */
export type NoChange = 'AlreadyRecorded' | 'AlreadyActive' | 'AlreadyFinished' | 'OtherPod' | 'OtherKind' | 'NoRecord';

const none = (why: NoChange): WorkerStep => ({ kind: 'none', why });

/** `record` is what is stored, if anything; `group` is the WaitGroup that the operation began with. */
export function applyWorkerOperation(
  record: Pick<WaitGroupWorker, 'spec'> | undefined,
  group: { readonly name: string; readonly uid: string },
  operation: WorkerOperation,
): WorkerStep {
  const { kind, id, worker } = operation;
  const unworked = { waitGroup: group.name, waitGroupUid: group.uid, worker, added: 0, done: 0, borrowed: 0 };
  const spec = record?.spec;
  if (spec?.operation === id) return none('AlreadyRecorded');
  if (spec && isOtherKind(spec, operation)) return none('OtherKind');
  switch (kind) {
    case 'add':
    case 'start':
      return begin(spec, operation, unworked);
    case 'done':
    case 'fail':
      return finish(spec, operation, unworked);
    case 'release':
      return release(spec, operation);
    case 'note':
      return note(spec, operation);
  }
}

type Unworked = Omit<WaitGroupWorkerSpec, 'state' | 'round'>;

function begin(spec: WaitGroupWorkerSpec | undefined, operation: WorkerOperation, unworked: Unworked): WorkerStep {
  const { kind, round } = operation;
  if (spec?.state === 'Active') {
    return isSameOwner(spec, operation) ? none('AlreadyActive') : write(spec, operation, {});
  }
  if (kind === 'start' && spec && spec.round >= round) return none('AlreadyFinished');
  const base = spec ?? { ...unworked, state: 'Active', round };
  return write(base, operation, { state: 'Active', round, added: base.added + (kind === 'add' ? 1 : 0) });
}

function finish(spec: WaitGroupWorkerSpec | undefined, operation: WorkerOperation, unworked: Unworked): WorkerStep {
  const { kind, round } = operation;
  const state = kind === 'fail' ? 'Failed' : 'Done';
  if (spec?.state === 'Active') {
    return isSameOwner(spec, operation) ? writeFinished(spec, operation, state) : none('OtherPod');
  }
  if (spec && (spec.round >= round || spec.added > 0)) return none('AlreadyFinished');
  return writeFinished(spec ?? { ...unworked, state, round }, operation, state);
}

function release(spec: WaitGroupWorkerSpec | undefined, operation: WorkerOperation): WorkerStep {
  if (spec === undefined) return none('NoRecord');
  if (spec.state !== 'Active') return none('AlreadyFinished');
  const isOfOwner = operation.pod !== undefined || operation.job !== undefined;
  if (isOfOwner && !isSameOwner(spec, operation)) return none('OtherPod');
  return writeFinished(spec, { ...operation, pod: spec.pod, job: spec.job }, 'Lost');
}

function note(spec: WaitGroupWorkerSpec | undefined, operation: WorkerOperation): WorkerStep {
  if (spec === undefined) return none('NoRecord');
  if (spec.state !== 'Active') return none('AlreadyFinished');
  return isSameOwner(spec, operation) ? write(spec, operation, {}) : none('OtherPod');
}

/** Finishes the worker's own work, or if it has none outstanding, work of others: that counts once in each round. */
function writeFinished(spec: WaitGroupWorkerSpec, operation: WorkerOperation, state: WorkerState): WorkerStep {
  const { added, done, borrowed } = spec;
  if (added > done) return write(spec, operation, { state, done: done + 1 });
  return write(spec, operation, { state, borrowed: borrowed + 1, round: Math.max(spec.round, operation.round) });
}

/** The pod or Job, and what is said of the work, are those of the last change. */
function write(
  spec: WaitGroupWorkerSpec,
  operation: WorkerOperation,
  change: Partial<WaitGroupWorkerSpec>,
): WorkerStep {
  const { id, reason, message, pod, job } = operation;
  const { pod: _p, job: _j, reason: _r, message: _m, ...rest } = spec;
  return {
    kind: 'write',
    spec: {
      ...rest,
      ...change,
      ...(pod && { pod }),
      ...(job && { job }),
      operation: id,
      ...(reason && { reason }),
      ...(message && { message: cutText(message, MAX_FAILURE_MESSAGE) }),
    },
  };
}

type Owner = Pick<WorkerOperation, 'pod' | 'job'>;

function isSameOwner(one: Owner, other: Owner): boolean {
  return one.pod?.uid === other.pod?.uid && one.job?.uid === other.job?.uid;
}

/** A release without an owner is for a worker of either kind. */
function isOtherKind(spec: Owner, { kind, pod, job }: WorkerOperation): boolean {
  if (kind === 'release' && pod === undefined && job === undefined) return false;
  return (spec.job === undefined) !== (job === undefined);
}
