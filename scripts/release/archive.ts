// Archives whose bytes depend on nothing but their content: the same sources give the same checksums.
import { readFileSync, writeFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';

type Entry = Pick<Header, 'name' | 'mode' | 'type'> & { readonly content: Buffer };

/** Writes the files as `path`, a .tar.gz, under the names that are the keys. */
export async function archiveFiles(
  path: string,
  files: Readonly<Record<string, { readonly path: string; readonly isExecutable?: boolean }>>,
): Promise<void> {
  const entries = Object.entries(files).map(([name, file]) => {
    const mode = file.isExecutable ? 0o755 : 0o644;
    return { name, mode, type: 'file' as const, content: readFileSync(file.path) };
  });
  writeFileSync(path, await tarGz(entries));
}

/** Rewrites a .tar.gz without the times and owners that another program put into it. */
export async function normalizeArchive(path: string): Promise<void> {
  const entries: Entry[] = [];
  const unpacking = extract();
  unpacking.end(gunzipSync(readFileSync(path)));
  for await (const entry of unpacking) {
    const { name, mode, type }: Header = entry.header;
    entries.push({ name, mode, type, content: await buffer(entry) });
  }
  writeFileSync(path, await tarGz(entries));
}

async function tarGz(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ ...header, mtime: new Date(0) }, content);
  archive.finalize();
  return gzipSync(await buffer(archive));
}
