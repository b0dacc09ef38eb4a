// What counting and waiting can end with other than success; each carries what a person needs to act.
import type { CounterRejection, WaitGroupStatus } from '@konductor/schema';

/** The group an error is about. */
export interface WaitGroupReference {
  readonly namespace: string;
  readonly name: string;
}

/** Base of the errors below; `group` names whom they are about. */
export abstract class WaitGroupError extends Error {
  readonly group: WaitGroupReference;
  constructor(group: WaitGroupReference, message: string, options?: ErrorOptions) {
    super(message, options);
    this.group = group;
  }
}

/** How a group can be missing: never there, deleted (or being deleted), or deleted and made anew under the same name. */
export type Absence = 'missing' | 'deleted' | 'replaced';

/** The group is not there, or not any more; `lastStatus` is what was last seen of it. */
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

/** The counting rule refused the change; nothing was written. */
export class CounterRejectedError extends WaitGroupError {
  override readonly name = 'CounterRejectedError';
  readonly rejection: CounterRejection;
  constructor(group: WaitGroupReference, rejection: CounterRejection) {
    super(group, describeRejection(group, rejection));
    this.rejection = rejection;
  }
}

/** The operation id that the caller brought was used for another change; nothing was written. */
export class OperationIdReusedError extends WaitGroupError {
  override readonly name = 'OperationIdReusedError';
  constructor(group: WaitGroupReference, use: { operationId: string; recorded: number; delta: number }) {
    const { operationId, recorded, delta } = use;
    super(
      group,
      `waitgroup "${group.name}": operation id "${operationId}" was used for a change of ${recorded}, this one is ${delta}: give each change an id of its own; nothing was changed`,
    );
  }
}

/** Time ran out, and nothing was changed. `isServerAway`: the API server did not answer at the end. */
export class TimedOutError extends WaitGroupError {
  override readonly name = 'TimedOutError';
  readonly isServerAway: boolean;
  readonly lastStatus: WaitGroupStatus | undefined;
  constructor(
    group: WaitGroupReference,
    message: string,
    options: ErrorOptions & { isServerAway: boolean; lastStatus?: WaitGroupStatus | undefined },
  ) {
    super(group, message, options);
    this.isServerAway = options.isServerAway;
    this.lastStatus = options.lastStatus;
  }
}

/** A write was sent and whether it took effect cannot be known. */
export class UnknownOutcomeError extends WaitGroupError {
  override readonly name = 'UnknownOutcomeError';
}

function describeAbsence({ namespace, name }: WaitGroupReference, absence: Absence, status?: WaitGroupStatus): string {
  const last = status ? `; its last counter was ${status.counter}` : '';
  const words = { missing: 'not found', deleted: 'was deleted', replaced: 'was deleted and made anew' };
  return `waitgroup "${name}" ${words[absence]} in namespace "${namespace}"${last}`;
}

function describeRejection({ name }: WaitGroupReference, rejection: CounterRejection): string {
  switch (rejection.reason) {
    case 'BelowZero':
      return `waitgroup "${name}": the counter is ${rejection.counter}, a change of ${rejection.delta} would take it below zero; nothing was changed`;
    case 'AboveMaximum':
      return `waitgroup "${name}": the counter is ${rejection.counter}, a change of ${rejection.delta} would take it above 2147483647; nothing was changed`;
    case 'TotalExhausted':
      return `waitgroup "${name}": status.${rejection.total} cannot grow further; make a new group`;
    case 'NotAnInteger':
      return `waitgroup "${name}": a change of ${rejection.delta} is not a whole number; nothing was changed`;
  }
}
