// The errors of koncli itself, beside those that the client throws.
import type { WaitGroupNotFoundError, WaitGroupReference } from '@konductor/client';

/** No WaitGroup matches the label selector. */
export class NothingSelectedError extends Error {
  override readonly name = 'NothingSelectedError';
  constructor(labelSelector: string, namespace: string) {
    super(`no waitgroup in namespace "${namespace}" matches the selector "${labelSelector}"`);
  }
}

/** The WaitGroup to delete does not exist. */
export class NothingToDeleteError extends Error {
  override readonly name = 'NothingToDeleteError';
  readonly namespace: string;
  constructor(cause: WaitGroupNotFoundError) {
    super(cause.message, { cause });
    this.namespace = cause.group.namespace;
  }
}

/** The WaitGroup to show does not exist. Unlike for WaitGroupNotFoundError, `status` is no advice: it was just run. */
export class NoGroupToShowError extends Error {
  override readonly name = 'NoGroupToShowError';
  readonly group: WaitGroupReference;
  constructor(cause: WaitGroupNotFoundError) {
    super(cause.message, { cause });
    this.group = cause.group;
  }
}

/** The timeout of a watch expired. */
export class WatchTimedOutError extends Error {
  override readonly name = 'WatchTimedOutError';
  readonly isServerUnavailable: boolean;
  constructor(limit: string, isServerUnavailable: boolean) {
    super(`timed out after ${limit}${isServerUnavailable ? '; the API server is unavailable' : ''}`);
    this.isServerUnavailable = isServerUnavailable;
  }
}

/** Checks of koncli doctor failed; `code` is the exit code of the first. */
export class ChecksFailedError extends Error {
  override readonly name = 'ChecksFailedError';
  readonly code: number;
  constructor(failed: readonly string[], code: number) {
    super(`failed checks: ${failed.join(', ')}`);
    this.code = code;
  }
}

/** stdout cannot be written. */
export class OutputError extends Error {
  override readonly name: string = 'OutputError';
  constructor(cause: Error) {
    super(`cannot write the output: ${cause.message}`, { cause });
  }
}

/** The reader of stdout has gone, as in `koncli waitgroup list | head -1`. */
export class BrokenPipeError extends OutputError {
  override readonly name = 'BrokenPipeError';
}

/** koncli was not started from the /konductor directory of its image. */
export class NoFolderError extends Error {
  override readonly name = 'NoFolderError';
}

/** The /konductor directory cannot be copied. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}
