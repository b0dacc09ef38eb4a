// Making and deleting a group: requests that take effect once, so that a lost answer must not be mistaken for a failure.
import type { WaitGroup } from '@konductor/schema';
import {
  AbortedError,
  AlreadyExistsError,
  ConflictError,
  isTransient,
  mayHaveArrived,
  NotFoundError,
} from '../core/errors.ts';
import { absence, pauses, type RetryContext, retry } from './retry.ts';
import type { DeletePreconditions, NewWaitGroup, WaitGroupApi } from './wait-group-api.ts';
import { UnknownOutcomeError } from './wait-group-errors.ts';

/** Errors: AlreadyExistsError; UnknownOutcomeError when an answer was lost and the group is there now. */
export function createOnce(api: WaitGroupApi, group: NewWaitGroup, context: RetryContext): Promise<WaitGroup> {
  return untilAnswered(context, {
    send: (signal) => api.create(context.group.namespace, group, { signal }),
    onRefusedAfterLoss: (refusal) => {
      throw refusal instanceof AlreadyExistsError ? unknown(context, refusal) : refusal;
    },
  });
}

/** Makes the group unless it is there, whoever made it. */
export async function createUnlessThere(api: WaitGroupApi, group: NewWaitGroup, context: RetryContext): Promise<void> {
  const onRefusedAfterLoss = (refusal: unknown) => {
    throw refusal;
  };
  try {
    const send = (signal: AbortSignal) => api.create(context.group.namespace, group, { signal });
    await untilAnswered(context, { send, onRefusedAfterLoss });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}

/**
 * Deletes the group that is there now, never one that was made anew under its name: a repetition after a lost answer could
 * meet one. A group that is gone, or another one, after a lost answer counts as deleted. Errors: WaitGroupNotFoundError, ConflictError.
 */
export async function deleteOnce(
  api: WaitGroupApi,
  preconditions: DeletePreconditions,
  context: RetryContext,
): Promise<void> {
  const { namespace, name } = context.group;
  const { uid } = preconditions.uid
    ? preconditions
    : (await retry(context, (signal) => api.get(namespace, name, { signal }))).metadata;
  try {
    await untilAnswered(context, {
      send: (signal) => api.delete(namespace, name, { ...preconditions, ...(uid && { uid }) }, { signal }),
      onRefusedAfterLoss: (refusal) => {
        const isOther = refusal instanceof ConflictError && preconditions.resourceVersion === undefined;
        if (!(refusal instanceof NotFoundError) && !isOther) throw refusal;
      },
    });
  } catch (error) {
    throw error instanceof NotFoundError ? absence(context.group, error) : error;
  }
}

interface Sending<T> {
  send(signal: AbortSignal): Promise<T>;
  /** What a refusal means once a request was sent whose answer was lost. */
  onRefusedAfterLoss(refusal: unknown): T;
}

async function untilAnswered<T>(context: RetryContext, { send, onRefusedAfterLoss }: Sending<T>): Promise<T> {
  const pause = pauses(context);
  for (let isOpen = false; ; ) {
    try {
      return await send(context.deadline.signal);
    } catch (error) {
      isOpen ||= mayHaveArrived(error);
      const isRefusal = !isTransient(error) && !(error instanceof AbortedError);
      if (isOpen && isRefusal) return onRefusedAfterLoss(error);
      await pause(error).catch((end) => {
        throw isOpen ? unknown(context, end) : end;
      });
    }
  }
}

function unknown({ group }: RetryContext, cause: Error): UnknownOutcomeError {
  const message = `waitgroup "${group.name}": a request was sent and its answer lost; whether it took effect is unknown: ${cause.message}`;
  return new UnknownOutcomeError(group, message, { cause });
}
