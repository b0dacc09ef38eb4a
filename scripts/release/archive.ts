// Archives whose bytes depend on nothing but their content: the same sources give the same checksums.
import { readFileSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** Writes the files as `path`, a .tar.gz, under the names that are the keys. */
export async function archiveFiles(
  path: string,
  files: Readonly<Record<string, { readonly path: string; readonly isExecutable?: boolean }>>,
): Promise<void> {
  const entries = Object.entries(files).map(([name, file]) => {
    return { name, mode: file.isExecutable ? 0o755 : 0o644, content: readFileSync(file.path) };
  });
  writeFileSync(path, await tarGz(entries));
}

/** Rewrites a .tar.gz without the times and owners that another program put into it. */
export async function normalizeArchive(path: string): Promise<void> {
  const entries: Entry[] = [];
  const unpacking = extract();
  unpacking.end(gunzipSync(readFileSync(path)));
  for await (const entry of unpacking) {
    const { name, mode = 0o644 }: Header = entry.header;
    entries.push({ name, mode, content: await buffer(entry) });
  }
  writeFileSync(path, await tarGz(entries));
}

async function tarGz(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ ...header, mtime: new Date(0) }, content);
  archive.finalize();
  return gzipSync(await buffer(archive));
}
