// Writes container images as archives: OCI image layouts, with the manifest.json of `docker save` for older versions of Docker.
// The same folder gives the same bytes. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
import { createHash } from 'node:crypto';
import { globSync, lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';

export interface Image {
  /** The full name, with its registry and its tag. */
  readonly reference: string;
  /** The content of the only layer. */
  readonly folder: string;
  readonly entrypoint: readonly string[];
  /** Numeric, so that the kubelet can verify `runAsNonRoot`. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Entry = Partial<Header> & { readonly name: string; readonly content?: Buffer };

const OCI = 'application/vnd.oci.image';
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Returns the archive of an image for Linux on the architecture of this machine. */
export async function ociArchive({ reference, folder, entrypoint, user, labels }: Image): Promise<Buffer> {
  const platform = { architecture: ARCHITECTURES[process.arch] ?? process.arch, os: 'linux' };
  const layer = blob(`${OCI}.layer.v1.tar`, await tar(entriesOf(folder)));
  const config = jsonBlob(`${OCI}.config.v1+json`, {
    ...platform,
    created: new Date(0).toISOString(),
    config: { User: user, Entrypoint: entrypoint, Labels: labels },
    rootfs: { type: 'layers', diff_ids: [layer.descriptor.digest] },
  });
  const manifest = jsonBlob(`${OCI}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: config.descriptor,
    layers: [layer.descriptor],
  });
  const [tag] = reference.split(':').slice(-1);
  const annotations = { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tag };
  return tar([
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    json('index.json', {
      schemaVersion: 2,
      mediaType: `${OCI}.index.v1+json`,
      manifests: [{ ...manifest.descriptor, platform, annotations }],
    }),
    json('manifest.json', [{ Config: config.entry.name, RepoTags: [reference], Layers: [layer.entry.name] }]),
    ...[manifest, config, layer].map(({ entry }) => entry),
  ]);
}

function jsonBlob(mediaType: string, value: unknown) {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function blob(mediaType: string, content: Buffer) {
  const hash = createHash('sha256').update(content).digest('hex');
  return {
    descriptor: { mediaType, digest: `sha256:${hash}`, size: content.length },
    entry: { name: `blobs/sha256/${hash}`, content },
  };
}

function json(name: string, value: unknown): Entry {
  return { name, content: Buffer.from(JSON.stringify(value)) };
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
function tar(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content, ...header } of entries) archive.entry({ ...header, mtime: new Date(0) }, content ?? '');
  archive.finalize();
  return buffer(archive);
}
