// The failure of a round in words, and what a call of fail has changed.
import type { WaitGroup, WaitGroupFailure } from '@konductor/schema';
import { formatAgo } from './age.ts';

/** `DiskFull: no space left (by worker-3, 5s ago)` */
export function describeCause({ reason, message, worker, at }: WaitGroupFailure, now: Date): string {
  return `${reason}: ${message} (${worker ? `by ${worker}, ` : ''}${formatAgo(at, now)})`;
}

/** The call of fail whose effect is described. */
export interface FailCall {
  readonly operationId: string;
  readonly delta: number;
}

/** The change that the call made to the group: the failure of a round is the first one that was reported. */
export function describeFail({ status }: WaitGroup, { operationId, delta }: FailCall): string {
  const { failure, recentOperations = [] } = status ?? {};
  if (failure === undefined) return `done ${delta}`;
  const record = recentOperations.find(({ id }) => id === operationId);
  // The failure and the record of its operation have the same time.
  const isFirst = record?.at === failure.at && record.by === failure.worker;
  if (isFirst) return `failed (${failure.reason})`;
  const first = `${failure.reason}${failure.worker ? `, by ${failure.worker}` : ''}`;
  return delta === 0 ? `unchanged (failed before: ${first})` : `failed before (${first}); done ${delta}`;
}
