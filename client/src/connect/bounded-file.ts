// Reads the files of credentials without trusting them to be files: an endless one is given up at a limit, and a pipe that
// nobody writes to does not block the process.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { formatMs, type WaitLimits } from '../core/deadline.ts';
import { sleep } from '../core/timer.ts';

const MAX_MEBIBYTES = 10;
const PIECE_BYTES = 2 ** 16;
const PAUSE_MS = 10;

/** The file cannot be used; the message continues a sentence about it: `is a directory`. */
export class FileError extends Error {
  override readonly name = 'FileError';
  /** The code of the system, such as ENOENT. */
  readonly code: string;
  constructor(message: string, code = '', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Throws FileError; also for a pipe that has no content yet. */
export function readFile(path: string): Buffer {
  const reading = readPieces(path);
  const { done, value } = reading.next();
  if (done) return value;
  reading.return(Buffer.alloc(0));
  throw new FileError('is a pipe without content');
}

/** Waits for the content of a pipe, such as bash's `<(command)`. Throws FileError, and AbortedError when `signal` is aborted. */
export async function readFileOrPipe(path: string, { signal, timeoutMs = Infinity }: WaitLimits): Promise<Buffer> {
  const reading = readPieces(path);
  const startedAt = performance.now();
  try {
    for (;;) {
      const { done, value } = reading.next();
      if (done) return value;
      if (performance.now() - startedAt >= timeoutMs)
        throw new FileError(`is a pipe whose content was not complete within ${formatMs(timeoutMs)}`);
      await sleep(PAUSE_MS, signal);
    }
  } finally {
    reading.return(Buffer.alloc(0));
  }
}

/** Returns the whole content, and yields whenever there is nothing to read yet. */
function* readPieces(path: string): Generator<undefined, Buffer, undefined> {
  const descriptor = attempt(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  const pieces: Buffer[] = [];
  try {
    for (let size = 0; size <= MAX_MEBIBYTES * 2 ** 20; ) {
      const piece = yield* readPiece(descriptor);
      if (piece.length === 0) return Buffer.concat(pieces);
      pieces.push(piece);
      size += piece.length;
    }
    throw new FileError(`has more than ${MAX_MEBIBYTES} MiB`);
  } finally {
    closeSync(descriptor);
  }
}

function* readPiece(descriptor: number): Generator<undefined, Buffer, undefined> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    try {
      return piece.subarray(
        0,
        attempt(() => readSync(descriptor, piece)),
      );
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'EAGAIN') throw error;
      yield;
    }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist, because a part of its path is not a directory',
  EISDIR: 'is a directory',
  ELOOP: 'is a loop of symbolic links',
  EACCES: 'cannot be read: permission denied',
};

function attempt<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new FileError(REASONS[code] ?? `cannot be read: ${code}`, code, { cause });
  }
}
