// Makes an executable use the libc at a given path instead of the system's: docs/decisions/0008.
import { type DynamicEntry, dynamicEntriesOf, isElf, offsetOf, SEGMENT, segmentsOf, TAG } from '../executables/elf.ts';

export interface OwnLibc {
  /** Absolute path of the dynamic loader. */
  readonly interpreter: string;
  /** Absolute path of the folder with the libraries. It takes precedence over LD_LIBRARY_PATH, which may contain another libc. */
  readonly libraries: string;
}

/**
 * Changes `executable` in place and moves nothing. glibc does not read the old hash table where there is a GNU one: its
 * bytes hold the two paths from now on, and its entry in the dynamic section becomes the library path.
 */
export function useOwnLibc(executable: Buffer, { interpreter, libraries }: OwnLibc): void {
  const { hash, stringTable } = replaceable(executable);
  const paths = Buffer.from(`${interpreter}\0${libraries}\0`);
  const offset = offsetOf(executable, hash.value);
  paths.copy(executable, offset);
  pointInterpreter(executable, { offset, address: hash.value, size: interpreter.length + 1 });
  // An offset into the string table; that table begins later in the file, and addresses wrap around.
  const fromStringTable = BigInt(hash.value + interpreter.length + 1) - BigInt(stringTable.value);
  writeWord(executable, hash.at, TAG.rpath);
  executable.writeBigUInt64LE(BigInt.asUintN(64, fromStringTable), hash.at + 8);
}

function replaceable(executable: Buffer): { hash: DynamicEntry; stringTable: DynamicEntry } {
  const entries = isElf(executable) ? dynamicEntriesOf(executable) : [];
  const find = (tag: number) => entries.find((entry) => entry.tag === tag);
  const [hash, stringTable] = [find(TAG.hash), find(TAG.stringTable)];
  if (hash && stringTable && find(TAG.gnuHash)) return { hash, stringTable };
  throw new Error('not an executable for Linux with both kinds of hash tables, as Bun’s are: docs/decisions/0008');
}

interface Place {
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function pointInterpreter(executable: Buffer, { offset, address, size }: Place): void {
  const segment = segmentsOf(executable).find(({ type }) => type === SEGMENT.interpreter);
  if (!segment) throw new Error('the executable names no interpreter: it is linked statically');
  // Offset, virtual and physical address, size in the file and in memory.
  [offset, address, address, size, size].forEach((value, index) => {
    writeWord(executable, segment.headerAt + 8 + index * 8, value);
  });
}

function writeWord(file: Buffer, at: number, value: number): void {
  file.writeBigUInt64LE(BigInt(value), at);
}
