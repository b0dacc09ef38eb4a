import { describe, expect, it } from 'vitest';
import { FileStream, type WriteSync } from '../../../cli/src/process/file-stream.ts';

const noTerminal = () => ({});
const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

/** A file that takes a few bytes at a time, after these failures. */
function slowFile(...failures: Error[]) {
  const written: Uint8Array[] = [];
  const write: WriteSync = (_fd, bytes) => {
    const error = failures.shift();
    if (error) throw error;
    written.push(bytes.slice(0, 3));
    return Math.min(bytes.length, 3);
  };
  return { write, text: () => Buffer.concat(written).toString() };
}

describe('FileStream', () => {
  it('writes all of a text, however little is taken at once', () => {
    const file = slowFile();
    new FileStream(1, noTerminal, file.write).write('ten ö bytes');
    expect(file.text()).toBe('ten ö bytes');
  });

  it('waits for a pipe that is full', () => {
    const file = slowFile(failure('EAGAIN'), failure('EAGAIN'));
    const stream = new FileStream(1, noTerminal, file.write);
    stream.write('text');
    expect([file.text(), stream.failure]).toEqual(['text', undefined]);
  });

  it('is content with a reader that went away', () => {
    const file = slowFile(failure('EPIPE'));
    const stream = new FileStream(1, noTerminal, file.write);
    stream.write('text');
    stream.write('more');
    expect([file.text(), stream.failure, stream.isClosed]).toEqual(['', undefined, true]);
  });

  it('keeps any other failure', () => {
    const file = slowFile(failure('ENOSPC'));
    const stream = new FileStream(1, noTerminal, file.write);
    stream.write('text');
    expect(stream.failure?.message).toBe('ENOSPC: it failed');
  });

  it('asks the terminal only when it must', () => {
    const stream = new FileStream(2, () => ({ isTTY: true, columns: 90 }));
    expect([stream.isTTY, stream.columns]).toEqual([true, 90]);
    expect(new FileStream(2, noTerminal).isTTY).toBe(false);
  });
});
