// The error of a call that waits no longer, because its time ran out or its caller aborted it.
import { type Deadline, formatMs } from '../../core/deadline.ts';
import { AbortedError } from '../../core/errors.ts';
import { unknownOutcomeError } from '../retry.ts';
import { TimedOutError, type WaitGroupReference } from '../wait-group-errors.ts';
import type { CounterChange } from './counting-call.ts';
import type { WriteState } from './write-state.ts';

export interface InterruptedCall {
  readonly change: CounterChange;
  readonly deadline: Pick<Deadline, 'isOver' | 'timeoutMs'>;
}

export function interruptionOf(
  group: WaitGroupReference,
  { change, deadline }: InterruptedCall,
  {
    isInDoubt,
    lastFailure: cause,
    hasConflicted,
  }: Pick<WriteState<unknown>, 'isInDoubt' | 'lastFailure' | 'hasConflicted'>,
): Error {
  if (isInDoubt) return unknownOutcomeError(group, cause, describeChange(change));
  if (!deadline.isOver) return new AbortedError('aborted; nothing was changed');
  const isServerUnavailable = cause !== undefined || !hasConflicted;
  const reason = cause ? `: ${cause.message}` : '';
  const why = isServerUnavailable ? `the API server did not respond${reason}` : 'other writers kept changing it';
  const limit = formatMs(deadline.timeoutMs ?? 0);
  const message = `waitgroup "${group.name}": timed out after ${limit}: ${why}; nothing was changed`;
  return new TimedOutError(group, message, { cause, isServerUnavailable });
}

function describeChange(change: CounterChange): string {
  return 'delta' in change ? `a change of ${change.delta}` : `a change to ${change.counter}`;
}
