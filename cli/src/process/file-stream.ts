// stdout and stderr by their file descriptors: written synchronously, so that nothing is lost when the process exits.
import { fstatSync, writeSync } from 'node:fs';
import { BrokenPipeError, OutputError } from '../errors.ts';
import type { OutputStream } from './output-stream.ts';

const FULL_PIPE_PAUSE_MS = 5;

/** `writeSync` of node:fs, or a stand-in for it. */
export type WriteSync = (fd: number, bytes: Uint8Array) => number;

type Terminal = Pick<OutputStream, 'isTTY' | 'columns'>;

/** Writes all of a text. Throws BrokenPipeError when the reader has gone (`| head`), OutputError for any other failure. */
export class FileStream implements OutputStream {
  readonly #fd: number;
  readonly #terminal: () => Terminal;
  readonly #writeSync: WriteSync;

  /** `terminal`: process.stdout or process.stderr. Bun takes milliseconds to create one: only a terminal pays them. */
  constructor(fd: number, terminal: () => Terminal, write: WriteSync = writeSync) {
    this.#fd = fd;
    this.#terminal = () => (isCharacterDevice(fd) ? terminal() : {});
    this.#writeSync = write;
  }

  get isTTY(): boolean {
    return this.#terminal().isTTY ?? false;
  }

  get columns(): number | undefined {
    return this.#terminal().columns;
  }

  write(text: string): void {
    let rest: Uint8Array = Buffer.from(text);
    while (rest.length > 0) rest = rest.subarray(this.#writeSome(rest));
  }

  #writeSome(bytes: Uint8Array): number {
    try {
      return this.#writeSync(this.#fd, bytes);
    } catch (error) {
      waitOrThrow(error as NodeJS.ErrnoException);
      return 0;
    }
  }
}

function waitOrThrow(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') throw new BrokenPipeError(error);
  if (error.code !== 'EAGAIN') throw new OutputError(error);
  // Another process that shares the pipe may have made it non-blocking.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS);
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}
