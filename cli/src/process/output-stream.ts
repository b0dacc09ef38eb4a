// Where text goes, as far as koncli uses it.

/** Where text goes: process.stdout and process.stderr are such. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Whether nobody reads any more what is written. */
  readonly isClosed?: boolean;
  /** False: a command that did what it was told has succeeded, even if its output cannot be written. */
  isNeeded?: boolean;
  /** Calls `listener` soon after the last reader is gone, where that can be told; resolves with what ends that. */
  onReaderGone?(listener: () => void): Promise<() => void>;
}

/** The width where no terminal tells one; some say 0. */
export const DEFAULT_COLUMNS = 80;
