// stdout and stderr by their file descriptors: written at once, so that nothing is lost when the process exits.
// Touching process.stdout costs Bun 9 ms, two thirds of koncli's start-up; only a terminal's width is asked of it.
import { fstatSync, writeSync } from 'node:fs';
import type { OutputStream } from './output-stream.ts';
import { isStandIn } from './stand-in.ts';

const FULL_PIPE_PAUSE_MS = 5;

/** What writing meets: `writeSync` of node:fs is one. */
export type WriteSync = (fd: number, bytes: Uint8Array) => number;

/** Writes all of a text, or notes why it cannot. */
export class FileStream implements OutputStream {
  /** Why the output is incomplete. A reader that went away (`| head`) is no failure: what the command did is done. */
  failure: Error | undefined;
  readonly #fd: number;
  readonly #terminal: () => Pick<OutputStream, 'isTTY' | 'columns'>;
  readonly #writeSync: WriteSync;
  /** Whether nobody reads any more. */
  isClosed = false;
  isNeeded = true;
  #isFirst = true;

  constructor(fd: number, terminal: () => Pick<OutputStream, 'isTTY' | 'columns'>, write: WriteSync = writeSync) {
    this.#fd = fd;
    this.#terminal = terminal;
    this.#writeSync = write;
  }

  get isTTY(): boolean {
    return this.#terminal().isTTY ?? false;
  }

  get columns(): number | undefined {
    return this.#terminal().columns;
  }

  write(text: string): void {
    if (this.#isFirst && isStandIn(this.#fd)) {
      this.isClosed = true;
      this.failure = new Error('it was closed before koncli was started');
    }
    this.#isFirst = false;
    let rest: Uint8Array = Buffer.from(text);
    while (rest.length > 0 && !this.isClosed) rest = rest.subarray(this.#writeSome(rest));
  }

  /** Calls `listener` soon after the last reader is gone; returns what ends that. */
  async onReaderGone(listener: () => void): Promise<() => void> {
    const stats = fstatSync(this.#fd);
    if (!stats.isFIFO() && !stats.isSocket()) return () => {};
    const { onReaderGone } = await import('./pipe-reader.ts');
    return onReaderGone(this.#fd, listener);
  }

  #writeSome(bytes: Uint8Array): number {
    try {
      return this.#writeSync(this.#fd, bytes);
    } catch (error) {
      this.#cope(error as NodeJS.ErrnoException);
      return 0;
    }
  }

  #cope(error: NodeJS.ErrnoException): void {
    if (error.code === 'EAGAIN') {
      // Whoever shares the pipe may have made it non-blocking.
      pause(FULL_PIPE_PAUSE_MS);
      return;
    }
    this.isClosed = true;
    if (error.code !== 'EPIPE') this.failure = error;
  }
}

/** Whether it is worth touching process.stdout for: pipes and files are no terminals. */
export function mayBeTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
