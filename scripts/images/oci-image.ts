// Images by the OCI image specification: https://github.com/opencontainers/image-spec. The same folder gives the same digest.
import { createHash } from 'node:crypto';
import { globSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import type { Architecture } from './libc-package.ts';

export interface Image {
  /** The full name, with its registry and its tag. */
  readonly reference: string;
  readonly entrypoint: readonly string[];
  /** Numeric, so that the kubelet can verify `runAsNonRoot`. */
  readonly user: string;
  /** Both labels and annotations: some programs show the ones, some the others. */
  readonly labels: Readonly<Record<string, string>>;
}

export type Entry = Partial<Header> & { readonly name: string; readonly content?: Buffer };

export interface Blob {
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly entry: Entry;
}

/** An image for one architecture of Linux. */
export interface PlatformImage {
  readonly platform: { readonly architecture: Architecture; readonly os: 'linux' };
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layer: Blob;
}

const OCI = 'application/vnd.oci.image';

/** `folder` is the content of the only layer. */
export async function platformImage(
  { entrypoint, user, labels }: Image,
  { architecture, folder }: { readonly architecture: Architecture; readonly folder: string },
): Promise<PlatformImage> {
  const platform = { architecture, os: 'linux' } as const;
  const layer = blob(`${OCI}.layer.v1.tar`, await buffer(tar(entriesOf(folder))));
  const config = jsonBlob(`${OCI}.config.v1+json`, {
    ...platform,
    created: new Date(0).toISOString(),
    config: { User: user, Entrypoint: entrypoint, Labels: labels },
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
  });
  const mediaType = `${OCI}.manifest.v1+json`;
  const content = { schemaVersion: 2, mediaType, config: config.descriptor, layers: [layer.descriptor] };
  return { platform, manifest: jsonBlob(mediaType, { ...content, annotations: labels }), config, layer };
}

/** What a registry serves for a name: one image for each architecture. */
export function imageIndex({ labels }: Image, images: readonly PlatformImage[]): Blob {
  const mediaType = `${OCI}.index.v1+json`;
  const manifests = images.map(({ manifest, platform }) => ({ ...manifest.descriptor, platform }));
  return jsonBlob(mediaType, { schemaVersion: 2, mediaType, manifests, annotations: labels });
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function blob(mediaType: string, content: Buffer): Blob {
  const hash = createHash('sha256').update(content).digest('hex');
  return {
    descriptor: { mediaType, digest: `sha256:${hash}`, size: content.length },
    entry: { name: `blobs/sha256/${hash}`, content },
  };
}

function entriesOf(folder: string): Entry[] {
  return globSync('**', { cwd: folder })
    .filter((name) => name !== '.')
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      const mode = stats.mode & 0o777;
      if (stats.isSymbolicLink()) return { name, type: 'symlink', linkname: readlinkSync(path) };
      return stats.isDirectory() ? { name, type: 'directory', mode } : { name, mode, content: readFileSync(path) };
    });
}

/** All entries belong to root and date from 1970, so that the bytes depend on nothing but the content. */
export function tar(entries: readonly Entry[]): Readable {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ ...header, mtime: new Date(0) }, content ?? '');
  archive.finalize();
  return Readable.from(archive);
}
