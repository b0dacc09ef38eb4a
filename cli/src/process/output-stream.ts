// The part of an output stream that koncli uses.

/** A stream such as process.stdout. `write` throws OutputError when the text cannot be written. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The width where no terminal reports one; some report 0. */
export const DEFAULT_COLUMNS = 80;
