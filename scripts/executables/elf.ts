// Reads program headers and the dynamic section of 64-bit little-endian ELF files, the executables of Linux.
// https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html

const MAGIC = 0x7f454c46;
const CLASS_64_LITTLE_ENDIAN = 0x0201;
const DYNAMIC_ENTRY_BYTES = 16;

export const SEGMENT = { load: 1, dynamic: 2, interpreter: 3 } as const;
export const TAG = { needed: 1, hash: 4, stringTable: 5, rpath: 15, gnuHash: 0x6ffffef5 } as const;

export interface Segment {
  readonly type: number;
  /** The offset of its program header in the file. */
  readonly headerAt: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

export interface DynamicEntry {
  readonly tag: number;
  readonly value: number;
  readonly at: number;
}

export function isElf(file: Buffer): boolean {
  return file.readUInt32BE(0) === MAGIC && file.readUInt16BE(4) === CLASS_64_LITTLE_ENDIAN;
}

export function machineOf(file: Buffer): number {
  return file.readUInt16LE(18);
}

export function segmentsOf(file: Buffer): Segment[] {
  const table = readWord(file, 32);
  const size = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const headerAt = table + index * size;
    return {
      type: file.readUInt32LE(headerAt),
      headerAt,
      offset: readWord(file, headerAt + 8),
      address: readWord(file, headerAt + 16),
      size: readWord(file, headerAt + 32),
    };
  });
}

/** The path of the program that loads this one; absent: it is linked statically. */
export function interpreterOf(file: Buffer): string | undefined {
  const segment = segmentsOf(file).find(({ type }) => type === SEGMENT.interpreter);
  return segment && file.toString('latin1', segment.offset, segment.offset + segment.size).split('\0', 1)[0];
}

export function dynamicEntriesOf(file: Buffer): DynamicEntry[] {
  const segment = segmentsOf(file).find(({ type }) => type === SEGMENT.dynamic);
  if (!segment) return [];
  return Array.from({ length: segment.size / DYNAMIC_ENTRY_BYTES }, (_, index) => {
    const at = segment.offset + index * DYNAMIC_ENTRY_BYTES;
    return { tag: readWord(file, at), value: readWord(file, at + 8), at };
  });
}

/** The names of the libraries that it is linked against. */
export function neededOf(file: Buffer): string[] {
  const entries = dynamicEntriesOf(file);
  const table = entries.find(({ tag }) => tag === TAG.stringTable);
  if (!table) return [];
  const start = offsetOf(file, table.value);
  const names = entries.filter(({ tag }) => tag === TAG.needed).map(({ value }) => start + value);
  return names.map((at) => file.toString('latin1', at, file.indexOf(0, at)));
}

/** Where in the file the byte is that is loaded to this address. */
export function offsetOf(file: Buffer, address: number): number {
  const segment = segmentsOf(file).find(
    (one) => one.type === SEGMENT.load && one.address <= address && address < one.address + one.size,
  );
  if (!segment) throw new Error(`no segment of the executable holds the address ${address}`);
  return segment.offset + address - segment.address;
}

/** Offsets and addresses of programs are far below 2^53. */
function readWord(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}
