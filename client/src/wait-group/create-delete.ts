// Creates and deletes a group. Each request takes effect at most once, so a lost response must not be mistaken for a failure.
import type { WaitGroup } from '@konductor/schema';
import {
  AbortedError,
  AlreadyExistsError,
  ConflictError,
  isTransient,
  mayHaveArrived,
  NotFoundError,
} from '../core/errors.ts';
import { createPause, notFoundError, type RetryContext, retry, unknownOutcomeError } from './retry.ts';
import type { DeletePreconditions, NewWaitGroup, WaitGroupApi } from './wait-group-api.ts';

/** Errors: AlreadyExistsError; UnknownOutcomeError if a response was lost and the group exists now. */
export function createOnce(api: WaitGroupApi, group: NewWaitGroup, context: RetryContext): Promise<WaitGroup> {
  return untilResponse(context, {
    send: (signal) => api.create(context.group.namespace, group, { signal }),
    onRejectedAfterLoss: (rejection) => {
      throw rejection instanceof AlreadyExistsError
        ? unknownOutcomeError(context.group, rejection, 'a request')
        : rejection;
    },
  });
}

/**
 * Deletes the group that exists now, never one that was recreated under its name: a retry after a lost response could meet
 * one. A group that is gone, or another one, after a lost response counts as deleted. Errors: WaitGroupNotFoundError, ConflictError.
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
    await untilResponse(context, {
      send: (signal) => api.delete(namespace, name, { ...preconditions, ...(uid && { uid }) }, { signal }),
      onRejectedAfterLoss: (rejection) => {
        const isOther = rejection instanceof ConflictError && preconditions.resourceVersion === undefined;
        if (!(rejection instanceof NotFoundError) && !isOther) throw rejection;
      },
    });
  } catch (error) {
    throw error instanceof NotFoundError ? notFoundError(context.group, error) : error;
  }
}

interface Sending<T> {
  send(signal: AbortSignal): Promise<T>;
  /** What a rejection means after the response to an earlier attempt was lost. */
  onRejectedAfterLoss(rejection: unknown): T;
}

async function untilResponse<T>(context: RetryContext, { send, onRejectedAfterLoss }: Sending<T>): Promise<T> {
  const pause = createPause(context);
  for (let isOpen = false; ; ) {
    try {
      return await send(context.deadline.signal);
    } catch (error) {
      isOpen ||= mayHaveArrived(error);
      const isRejection = !isTransient(error) && !(error instanceof AbortedError);
      if (isOpen && isRejection) return onRejectedAfterLoss(error);
      await pause(error).catch((end) => {
        throw isOpen ? unknownOutcomeError(context.group, end, 'a request') : end;
      });
    }
  }
}
