// Reads Debian packages: archives of ar with a tar inside, whose format is Debian's deb(5).
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ReadableStream } from 'node:stream/web';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;
const DATA = 'data.tar.xz';

/** The files of a package by their base names; links are left out. */
export async function filesOf(debianPackage: Buffer): Promise<Map<string, Buffer>> {
  const compressed = ReadableStream.from([memberOf(debianPackage, DATA)]);
  const files = new Map<string, Buffer>();
  const unpacking = extract();
  Readable.fromWeb(new xz.XzReadableStream(compressed as never) as never).pipe(unpacking as never);
  for await (const entry of unpacking) {
    const { name, type } = entry.header;
    const content = await buffer(entry);
    if (type === 'file') files.set(name.slice(name.lastIndexOf('/') + 1), content);
  }
  return files;
}

function memberOf(archive: Buffer, name: string): Buffer {
  const text = (from: number, length: number) => archive.toString('latin1', from, from + length).trim();
  let at = MAGIC.length;
  while (at < archive.length) {
    const size = Number(text(at + 48, 10));
    const start = at + HEADER_BYTES;
    if (text(at, 16) === name) return archive.subarray(start, start + size);
    at = start + size + (size % 2);
  }
  throw new Error(`a Debian package without ${name}`);
}
