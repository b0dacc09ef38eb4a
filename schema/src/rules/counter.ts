// The counting rule: the only way in which any client changes the counter. Pure; the caller reads, writes and retries.

import { DONE_REASONS } from '../kind/reasons.ts';
import type { OperationRecord, WaitGroup, WaitGroupStatus } from '../shape/wait-group.ts';
import { MAX_CLIENT_NAME, MAX_COUNTER, MAX_RECENT_OPERATIONS } from '../values/limits.ts';
import { toPrintable } from '../values/text.ts';
import { toMilliseconds, toSeconds } from '../values/timestamp.ts';
import { creatingOperation } from './creating-operation.ts';
import { beginRound, endRound, failRound, increase, type NewFailure } from './outcome.ts';
import { setCondition } from './set-condition.ts';

/** Calls that are written together, in the order in which they were made. Usually there is one call. */
export interface CounterOperation {
  /** Random, and the same for all retries of this operation. */
  readonly id: string;
  /** Name of the client, for people who read the status. */
  readonly by: string;
  /** The amount that each call adds; negative for `done`. */
  readonly deltas: readonly number[];
  /** Fails the present round in the same write as each call, for an operation with one call. */
  readonly failure?: NewFailure | undefined;
}

/** The reason why a call changes nothing. */
export type CounterRejection =
  | { readonly reason: 'BelowZero' | 'AboveMaximum'; readonly counter: number; readonly delta: number }
  /** `workers`: the part of the counter that is outstanding work of workers with an identity, which only they can finish. */
  | { readonly reason: 'HeldByWorkers'; readonly counter: number; readonly delta: number; readonly workers: number }
  | { readonly reason: 'NotAnInteger'; readonly delta: number }
  /** No round is open that could fail. */
  | { readonly reason: 'NothingOutstanding' };

/** The status after a call, or the reason why the call was rejected. */
export type CounterStep =
  | { readonly ok: true; readonly status: WaitGroupStatus }
  | { readonly ok: false; readonly rejection: CounterRejection };

export interface CountedOperation {
  /** The status to write; absent when no call changes anything. */
  readonly status?: WaitGroupStatus;
  /** The step of each delta, in order. */
  readonly steps: readonly CounterStep[];
}

/** Applies each call to the status that the previous one left; a rejected call changes nothing and does not stop the others. */
export function applyOperation(waitGroup: WaitGroup, operation: CounterOperation, now: Date): CountedOperation {
  const stored = currentStatus(waitGroup);
  let status = stored;
  let sum = 0;
  const steps = operation.deltas.map((delta) => {
    const step = applyCall(status, delta, { failure: operation.failure, now });
    if (step.ok) {
      status = step.status;
      sum += delta;
    }
    return step;
  });
  return status === stored ? { steps } : { status: recordOperation(status, operation, sum, now), steps };
}

/**
 * Returns the change that takes the counter to `counter`: a repair is a change like any other, so that phase, totals and
 * completion follow from the same rule.
 */
export function deltaTo(waitGroup: WaitGroup, counter: number): number {
  return counter - currentStatus(waitGroup).counter;
}

/** Returns the stored status, or before the first write the initial one. */
export function currentStatus(waitGroup: WaitGroup): WaitGroupStatus {
  return waitGroup.status ?? initialStatus(waitGroup);
}

/**
 * Returns the status of a WaitGroup that no client has written yet. It depends on the object alone, so that the operator and
 * a client write the same bytes, whichever is first.
 */
export function initialStatus(waitGroup: WaitGroup): WaitGroupStatus {
  const { spec, metadata } = waitGroup;
  const counter = spec?.initialCount ?? 0;
  const born = new Date(metadata.creationTimestamp ?? 0);
  const empty = { counter, added: counter, completions: 0, addedAtCompletion: 0 };
  const created = creatingOperation(waitGroup);
  return reflectCounter({ phase: 'Done', recentOperations: created ? [created] : [], ...empty }, born);
}

function applyCall(
  status: WaitGroupStatus,
  delta: number,
  { failure, now }: { failure: NewFailure | undefined; now: Date },
): CounterStep {
  if (failure === undefined) return applyDelta(status, delta, now);
  if (status.counter === 0) return { ok: false, rejection: { reason: 'NothingOutstanding' } };
  return applyDelta(failRound(status, failure, now), delta, now);
}

/** Applies one call. A delta of zero is allowed and changes nothing, as in Go. */
export function applyDelta(status: WaitGroupStatus, delta: number, now: Date): CounterStep {
  const rejection = reject(status, delta);
  return rejection ? { ok: false, rejection } : { ok: true, status: changeCounter(status, delta, now) };
}

/** Changes the counter by an amount that was found to be possible. */
export function changeCounter(status: WaitGroupStatus, delta: number, now: Date): WaitGroupStatus {
  if (delta === 0) return status;
  const counter = status.counter + delta;
  const added = increase(status.added, Math.max(delta, 0));
  const round = status.counter === 0 ? beginRound(status, now) : status;
  const counted = { ...round, counter, added };
  return reflectCounter(counter === 0 ? complete(counted) : counted, now);
}

function complete(status: WaitGroupStatus): WaitGroupStatus {
  const completions = increase(status.completions, 1);
  return endRound({ ...status, completions, addedAtCompletion: status.added ?? 0 });
}

/** The part of the counter that workers with an identity have added themselves and not finished. */
export function outstandingOfWorkers({ workers }: WaitGroupStatus): number {
  return workers === undefined ? 0 : workers.added - workers.finished;
}

function reject(status: WaitGroupStatus, delta: number): CounterRejection | undefined {
  const counter = status.counter + delta;
  if (!Number.isSafeInteger(delta)) return { reason: 'NotAnInteger', delta };
  if (counter < 0) return { reason: 'BelowZero', counter: status.counter, delta };
  if (counter > MAX_COUNTER) return { reason: 'AboveMaximum', counter: status.counter, delta };
  const workers = outstandingOfWorkers(status);
  if (delta < 0 && counter < workers) return { reason: 'HeldByWorkers', counter: status.counter, delta, workers };
  return undefined;
}

/** Returns the status with the phase and the Done condition that follow from its counter. */
export function reflectCounter(status: WaitGroupStatus, now: Date): WaitGroupStatus {
  const isDone = status.counter === 0;
  const reason = reasonOf(status);
  const done = { type: 'Done', lastTransitionTime: toSeconds(now), reason, message: DONE_REASONS[reason] };
  return {
    ...status,
    phase: isDone ? 'Done' : 'Waiting',
    conditions: setCondition(status.conditions ?? [], { ...done, status: isDone ? 'True' : 'False' }),
  };
}

function reasonOf(status: WaitGroupStatus): keyof typeof DONE_REASONS {
  if (status.counter > 0) return 'Outstanding';
  if (!isCompleted(status)) return 'NeverUsed';
  return status.outcome === 'Failed' ? 'Failed' : 'Completed';
}

function recordOperation(status: WaitGroupStatus, { id, by }: CounterOperation, delta: number, now: Date) {
  const record = { id, delta, by: toPrintable(by, MAX_CLIENT_NAME), at: toMilliseconds(now) };
  const recentOperations = [record, ...(status.recentOperations ?? [])].slice(0, MAX_RECENT_OPERATIONS);
  return { ...status, recentOperations };
}

/** True once all counted work is done. A WaitGroup to which no work was added is Done, but not completed. */
export function isCompleted({ counter, added = 0, completions = 0 }: WaitGroupStatus): boolean {
  // A counter that was edited by hand reaches zero although nothing was added.
  return counter === 0 && (added > 0 || completions > 0);
}

/** Whether the status has a record of the operation, so that it was certainly applied. */
export function isRecorded(waitGroup: WaitGroup, operationId: string): boolean {
  return currentStatus(waitGroup).recentOperations?.some(({ id }) => id === operationId) ?? false;
}

/** Returns the record of the operation if it is known to have been applied: the one that created the WaitGroup is known for ever. */
export function findOperation(waitGroup: WaitGroup, operationId: string): OperationRecord | undefined {
  const recorded = currentStatus(waitGroup).recentOperations ?? [];
  return [...recorded, creatingOperation(waitGroup)].find((operation) => operation?.id === operationId);
}
