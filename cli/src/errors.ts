// The errors of koncli itself, beside those that the client throws.

/** No WaitGroup has the name or the labels. The message includes advice that fits the command. */
export class NothingFoundError extends Error {
  override readonly name = 'NothingFoundError';
}

/** No worker can be identified, or its record belongs to another pod. The message includes advice. */
export class WorkerError extends Error {
  override readonly name = 'WorkerError';
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

/** The /konductor directory does not exist or cannot be copied. The message includes advice. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}
