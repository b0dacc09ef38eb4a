// The errors that counting and waiting end with; each carries what its reader needs to act.
import {
  type CounterRejection,
  MAX_COUNTER,
  type WaitGroupFailure,
  type WaitGroupStatus,
  type WaitGroupWorker,
} from '@konductor/schema';
import { formatMs } from '../core/deadline.ts';

/** The group an error is about. */
export interface WaitGroupReference {
  readonly namespace: string;
  readonly name: string;
}

/** Base class of the errors below; `group` is the one they are about. */
export abstract class WaitGroupError extends Error {
  readonly group: WaitGroupReference;
  constructor(group: WaitGroupReference, message: string, options?: ErrorOptions) {
    super(message, options);
    this.group = group;
  }
}

/** Why a group was not found: it does not exist, was deleted (or is being deleted), or was deleted and recreated. */
export type Absence = 'missing' | 'deleted' | 'recreated';

/** The group does not exist, or no longer; `lastStatus` is the last one that was read. */
export class WaitGroupNotFoundError extends WaitGroupError {
  override readonly name = 'WaitGroupNotFoundError';
  readonly absence: Absence;
  readonly lastStatus: WaitGroupStatus | undefined;
  constructor(group: WaitGroupReference, absence: Absence, lastStatus?: WaitGroupStatus, options?: ErrorOptions) {
    super(group, describeAbsence(group, absence, lastStatus), options);
    this.absence = absence;
    this.lastStatus = lastStatus;
  }
}

/** The round that was waited for failed; `lastStatus` is the last one that was read. */
export class WaitGroupFailedError extends WaitGroupError {
  override readonly name = 'WaitGroupFailedError';
  /** Undefined if the failed round was over before it was read: another one has begun since. */
  readonly failure: WaitGroupFailure | undefined;
  readonly lastStatus: WaitGroupStatus | undefined;
  constructor(group: WaitGroupReference, failure: WaitGroupFailure | undefined, lastStatus?: WaitGroupStatus) {
    super(group, describeFailure(group, failure));
    this.failure = failure;
    this.lastStatus = lastStatus;
  }
}

/** The counting rule rejected the change; nothing was written. */
export class CounterRejectedError extends WaitGroupError {
  override readonly name = 'CounterRejectedError';
  readonly rejection: CounterRejection;
  constructor(group: WaitGroupReference, rejection: CounterRejection) {
    super(group, describeRejection(group, rejection));
    this.rejection = rejection;
  }
}

/** The caller's operation ID was used for another change before; nothing was written. */
export class OperationIdReusedError extends WaitGroupError {
  override readonly name = 'OperationIdReusedError';
  constructor(group: WaitGroupReference, use: { operationId: string; recorded: number; delta: number }) {
    const { operationId, recorded, delta } = use;
    super(
      group,
      `waitgroup "${group.name}": operation ID "${operationId}" was used for a change of ${recorded}, this one is ${delta}: use a different ID for each change; nothing was changed`,
    );
  }
}

/** Time ran out, and nothing was changed. `isServerUnavailable`: at the end, the API server did not respond. */
export class TimedOutError extends WaitGroupError {
  override readonly name = 'TimedOutError';
  readonly isServerUnavailable: boolean;
  /** Whether a wait timed out before the group existed. */
  readonly isMissing: boolean;
  readonly lastStatus: WaitGroupStatus | undefined;
  constructor(
    group: WaitGroupReference,
    message: string,
    options: ErrorOptions & {
      isServerUnavailable: boolean;
      isMissing?: boolean;
      lastStatus?: WaitGroupStatus | undefined;
    },
  ) {
    super(group, message, options);
    this.isServerUnavailable = options.isServerUnavailable;
    this.isMissing = options.isMissing ?? false;
    this.lastStatus = options.lastStatus;
  }
}

/** The record of a worker counts for an earlier WaitGroup of the name, whose UID begins in the same way; nothing was written. */
export class ForeignRecordError extends WaitGroupError {
  override readonly name = 'ForeignRecordError';
  readonly record: WaitGroupWorker;
  constructor(group: WaitGroupReference, record: WaitGroupWorker) {
    super(
      group,
      `waitgroup "${group.name}": WaitGroupWorker "${record.metadata.name}" belongs to another WaitGroup, with UID ${record.spec.waitGroupUid}; nothing was changed`,
    );
    this.record = record;
  }
}

/** The worker of this ID is a Job, which the operator counts by its label, and no pod or process; nothing was written. */
export class WorkerIsJobError extends WaitGroupError {
  override readonly name = 'WorkerIsJobError';
  readonly record: WaitGroupWorker;
  constructor(group: WaitGroupReference, record: WaitGroupWorker) {
    const { worker, job } = record.spec;
    super(
      group,
      `waitgroup "${group.name}": worker "${worker}" is Job "${job?.name}", which the operator counts; nothing was changed`,
    );
    this.record = record;
  }
}

/** Time ran out after a worker's add was recorded, but before the operator counted it. It will be; repeating the add is safe. */
export class NotYetCountedError extends WaitGroupError {
  override readonly name = 'NotYetCountedError';
  readonly record: WaitGroupWorker;
  /** Whether the operator counted nothing at all since the add began: it may not be running, unless the counter `isFull`. */
  readonly isOperatorAway: boolean;
  /** Whether the counter is at its maximum: the add is counted when other work is done. */
  readonly isFull: boolean;
  constructor(group: WaitGroupReference, options: NotYetCounted) {
    super(group, describeNotYetCounted(group, options), options);
    this.record = options.record;
    this.isOperatorAway = options.isOperatorAway;
    this.isFull = options.isFull ?? false;
  }
}

/** What is known about an add that is not yet counted; `cause`: the API server is unavailable. */
interface NotYetCounted extends ErrorOptions {
  readonly record: WaitGroupWorker;
  readonly isOperatorAway: boolean;
  readonly isFull?: boolean;
  readonly timeoutMs: number | undefined;
}

/** A request was sent, and it cannot be known whether it took effect. */
export class UnknownOutcomeError extends WaitGroupError {
  override readonly name = 'UnknownOutcomeError';
}

function describeAbsence({ namespace, name }: WaitGroupReference, absence: Absence, status?: WaitGroupStatus): string {
  const last = status ? `; its last counter was ${status.counter}` : '';
  if (absence === 'missing') return `waitgroup "${name}" not found in namespace "${namespace}"${last}`;
  const what = absence === 'deleted' ? 'was deleted' : 'was deleted and recreated';
  return `waitgroup "${name}" in namespace "${namespace}" ${what}${last}`;
}

function describeFailure({ name }: WaitGroupReference, failure?: WaitGroupFailure): string {
  if (!failure) return `waitgroup "${name}": a round failed since the wait began`;
  const by = failure.worker === undefined ? '' : `, by ${failure.worker}`;
  return `waitgroup "${name}" failed: ${failure.reason}: ${failure.message}${by} at ${failure.at}`;
}

function describeNotYetCounted({ name }: WaitGroupReference, options: NotYetCounted): string {
  const { record, timeoutMs = 0 } = options;
  const why = whyNotCounted(options);
  return `waitgroup "${name}": worker "${record.spec.worker}" is recorded, but not yet counted after ${formatMs(timeoutMs)}: ${why}`;
}

function whyNotCounted({ cause, isFull, isOperatorAway }: NotYetCounted): string {
  if (cause instanceof Error) return `the API server is unavailable: ${cause.message}`;
  if (isFull) return `the counter is at its maximum of ${MAX_COUNTER}: it is counted when other work is marked done`;
  if (isOperatorAway) return 'the operator has counted nothing meanwhile: check that it is running';
  return 'the operator is behind';
}

function describeRejection({ name }: WaitGroupReference, rejection: CounterRejection): string {
  switch (rejection.reason) {
    case 'BelowZero':
      return `waitgroup "${name}": the counter is ${rejection.counter}, a change of ${rejection.delta} would take it below zero; nothing was changed`;
    case 'AboveMaximum':
      return `waitgroup "${name}": the counter is ${rejection.counter}, a change of ${rejection.delta} would take it above 2147483647; nothing was changed`;
    case 'HeldByWorkers':
      return `waitgroup "${name}": the counter is ${rejection.counter}, of which ${rejection.workers} belong to workers with an identity, which a change of ${rejection.delta} cannot finish; nothing was changed`;
    case 'NotAnInteger':
      return `waitgroup "${name}": a change of ${rejection.delta} is not a whole number; nothing was changed`;
    case 'NothingOutstanding':
      return `waitgroup "${name}": no work is outstanding, so nothing can fail; nothing was changed`;
  }
}
