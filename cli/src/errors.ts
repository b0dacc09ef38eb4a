// What goes wrong in koncli itself, beyond what its client throws.
import type { WaitGroupNotFoundError, WaitGroupReference } from '@konductor/client';

/** No group has the labels that were asked for. */
export class NothingSelectedError extends Error {
  override readonly name = 'NothingSelectedError';
  constructor(labelSelector: string, namespace: string) {
    super(`no waitgroup in namespace "${namespace}" matches the selector "${labelSelector}"`);
  }
}

/** What was to be deleted is not there. */
export class NothingToDeleteError extends Error {
  override readonly name = 'NothingToDeleteError';
  readonly namespace: string;
  constructor(cause: WaitGroupNotFoundError) {
    super(cause.message, { cause });
    this.namespace = cause.group.namespace;
  }
}

/** Somebody looked for what became of a group, so that nobody needs to be told to. */
export class NoGroupToShowError extends Error {
  override readonly name = 'NoGroupToShowError';
  readonly group: WaitGroupReference;
  constructor(cause: WaitGroupNotFoundError) {
    super(cause.message, { cause });
    this.group = cause.group;
  }
}

/** The time for a watch is over. */
export class WatchTimedOutError extends Error {
  override readonly name = 'WatchTimedOutError';
  readonly isServerUnavailable: boolean;
  constructor(limit: string, isServerUnavailable: boolean) {
    super(`watched for ${limit}${isServerUnavailable ? ', and the API server is away' : ''}`);
    this.isServerUnavailable = isServerUnavailable;
  }
}

/** koncli doctor found something that does not work; `code` is what the first of it ends with. */
export class ChecksFailedError extends Error {
  override readonly name = 'ChecksFailedError';
  readonly code: number;
  constructor(failed: readonly string[], code: number) {
    super(`failed: ${failed.join(', ')}`);
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

/** koncli was not started from the folder that its image holds. */
export class NoFolderError extends Error {
  override readonly name = 'NoFolderError';
}

/** That folder cannot be copied to where it should go. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}
