import { closeSync, openSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BrokenPipeError, OutputError } from '../../../cli/src/errors.ts';
import { FileStream, type WriteSync } from '../../../cli/src/process/file-stream.ts';

const noTerminal = () => ({});
const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code });

/** A file that accepts a few bytes at a time, after these failures. */
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
  it('writes all of a text in several parts', () => {
    const file = slowFile();
    new FileStream(1, noTerminal, file.write).write('ten ö bytes');
    expect(file.text()).toBe('ten ö bytes');
  });

  it('waits for a pipe that is full', () => {
    const file = slowFile(failure('EAGAIN'), failure('EAGAIN'));
    const stream = new FileStream(1, noTerminal, file.write);
    stream.write('text');
    expect(file.text()).toBe('text');
  });

  it.each([
    ['a reader that has gone', 'EPIPE', BrokenPipeError],
    ['any other failure', 'ENOSPC', OutputError],
  ])('throws for %s', (_, code, type) => {
    const stream = new FileStream(1, noTerminal, slowFile(failure(code)).write);
    expect(() => stream.write('text')).toThrow(
      expect.objectContaining({ constructor: type, message: `cannot write the output: ${code}: it failed` }),
    );
  });

  it('asks only a character device whether it is a terminal', () => {
    const terminal = () => ({ isTTY: true, columns: 90 });
    const [pipe, device] = [openSync(import.meta.filename, 'r'), openSync('/dev/null', 'w')];
    const [none, one] = [pipe, device].map((fd) => new FileStream(fd, terminal));
    expect([none?.isTTY, none?.columns]).toEqual([false, undefined]);
    expect([one?.isTTY, one?.columns]).toEqual([true, 90]);
    for (const fd of [pipe, device]) closeSync(fd);
  });
});
