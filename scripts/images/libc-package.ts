// The C library of the images: Debian's package libc6, pinned, so that images do not depend on the machine that builds them.
// docs/decisions/0059. For a newer one: apt-cache show libc6:amd64 libc6:arm64.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../lock.mjs';
import { aptDownload } from './apt-download.ts';

export type Architecture = 'amd64' | 'arm64';

export const LIBC_VERSION = '2.36-9+deb12u14';

export const LIBC_CHECKSUMS: Readonly<Record<Architecture, { readonly sha256: string; readonly sha1: string }>> = {
  amd64: {
    sha256: 'ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf',
    sha1: 'c534c6c7f912b61ca26b7cf4082235a0343b8751',
  },
  arm64: {
    sha256: '01f4330719fd4f65580e16ea5a0527f372fca750e8f588d26deaf09f2d3b1cf4',
    sha1: '85af57bf1f9fa075163e51c99d9536154c21ab7e',
  },
};

/** Debian's archive of all that it ever released, by SHA-1. */
const SNAPSHOT = 'https://snapshot.debian.org/file';
const SNAPSHOT_TIMEOUT_MS = 60_000;

/** That nothing else can be built with. */
export class LibcUnavailable extends Error {
  override readonly name = 'LibcUnavailable';
}

/** From the project's cache; downloaded (2.5 MB) when it is missing there. */
export async function libcPackage(architecture: Architecture): Promise<Buffer> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'konductor', 'debian');
  const path = join(cache, fileName(architecture));
  return withLock(path, {}, async () => readVerified(path, architecture) ?? download(architecture, { cache, path }));
}

const fileName = (architecture: Architecture) => `libc6_${LIBC_VERSION}_${architecture}.deb`;

function readVerified(path: string, architecture: Architecture): Buffer | undefined {
  const content = existsSync(path) ? readFileSync(path) : undefined;
  const { sha256 } = LIBC_CHECKSUMS[architecture];
  return content && createHash('sha256').update(content).digest('hex') === sha256 ? content : undefined;
}

async function download(
  architecture: Architecture,
  { cache, path }: { readonly cache: string; readonly path: string },
): Promise<Buffer> {
  console.error(`konductor: fetching ${fileName(architecture)} ...`);
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, '.fetching-'));
  const reasons: string[] = [];
  try {
    for (const fetchPackage of [fromApt, fromSnapshot]) {
      const file = join(unfinished, fileName(architecture));
      await fetchPackage(architecture, file).catch(({ message }: Error) => reasons.push(message));
      const content = readVerified(file, architecture);
      if (content) renameSync(file, path);
      if (content) return content;
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  throw new LibcUnavailable(
    `Debian’s ${fileName(architecture)} cannot be fetched (${reasons.join('; ')}). Put it into ${cache}: its SHA-256 is ${LIBC_CHECKSUMS[architecture].sha256}`,
  );
}

async function fromApt(architecture: Architecture, file: string): Promise<void> {
  aptDownload({ name: 'libc6', version: LIBC_VERSION, architecture }, file);
}

async function fromSnapshot(architecture: Architecture, file: string): Promise<void> {
  const url = `${SNAPSHOT}/${LIBC_CHECKSUMS[architecture].sha1}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(SNAPSHOT_TIMEOUT_MS) }).catch(
    ({ message, cause }: Error) => {
      throw new Error(`${url}: ${(cause as Error | undefined)?.message ?? message}`);
    },
  );
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  writeFileSync(file, await response.bytes());
}
