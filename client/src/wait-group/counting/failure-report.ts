// What a caller reports about a failure, checked before anything is sent: the API server would reject it only after a read.
import { MAX_REASON, type NewFailure, REASON } from '@konductor/schema';

/** A failure as `fail` takes it. */
export interface FailureReport {
  /** What went wrong, for people; not empty. More than 1,024 characters are cut. */
  readonly message: string;
  /** For programs, one CamelCase word of at most 128 characters, such as `DiskFull`; `WorkerFailed` by default. */
  readonly reason?: string | undefined;
}

/** The failure to record; throws TypeError for an empty message, or a reason that is not a CamelCase word. */
export function newFailure({ message, reason = 'WorkerFailed' }: FailureReport, worker: string): NewFailure {
  if (message.trim() === '') throw new TypeError('the message of a failure must not be empty');
  if (!REASON.test(reason) || reason.length > MAX_REASON)
    throw new TypeError(
      `invalid reason ${JSON.stringify(reason)}: must be one CamelCase word of at most ${MAX_REASON} characters, such as DiskFull`,
    );
  return { message, reason, worker };
}
