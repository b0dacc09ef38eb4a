import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '@konductor/cdk8s';
import { extract, type Header } from 'tar-stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../scripts/root.ts';

const archiveOf = (name: string) => join(root, 'dist/images', `${name}.tar`);
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

function buildImages(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/images.ts'], { cwd: root, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, expect.stringContaining('building dist/images/koncli.tar')]);
}

async function unpack(archive: NodeJS.ReadableStream): Promise<Map<string, Header & { content: Buffer }>> {
  const entries = new Map<string, Header & { content: Buffer }>();
  const unpacking = archive.pipe(extract() as never) as ReturnType<typeof extract>;
  for await (const entry of unpacking)
    entries.set(entry.header.name, { ...entry.header, content: await buffer(entry) });
  return entries;
}

type Archive = Awaited<ReturnType<typeof unpack>>;
const blob = (archive: Archive, digest: string) =>
  archive.get(`blobs/${digest.replace(':', '/')}`)?.content ?? Buffer.of();
const json = (content: Buffer | undefined) => JSON.parse(`${content}`);

/** Reads an archive by its index, as containerd does. */
async function readArchive(name: string) {
  const archive = await unpack(createReadStream(archiveOf(name)));
  const index = json(archive.get('index.json')?.content);
  const manifest = json(blob(archive, index.manifests[0].digest));
  const [layer] = manifest.layers;
  const config = json(blob(archive, manifest.config.digest));
  return { archive, index, manifest, config, layer, files: await unpack(Readable.from([blob(archive, layer.digest)])) };
}

const images = new Map<string, Awaited<ReturnType<typeof readArchive>>>();

beforeAll(async () => {
  buildImages();
  for (const name of ['koncli', 'konductor-operator']) images.set(name, await readArchive(name));
});

function readImage(name: string) {
  const image = images.get(name);
  if (!image) throw new Error(`no image of ${name}`);
  return image;
}

describe.each([
  { name: 'koncli', image: KONCLI_IMAGE },
  { name: 'konductor-operator', image: OPERATOR_IMAGE },
])('the image of $name', ({ name, image }) => {
  it('is an OCI layout whose digests and sizes are right', () => {
    const { archive, index, manifest, config, layer } = readImage(name);
    expect(json(archive.get('oci-layout')?.content)).toEqual({ imageLayoutVersion: '1.0.0' });
    for (const { digest, size } of [...index.manifests, manifest.config, ...manifest.layers]) {
      expect(`sha256:${sha256(blob(archive, digest))}`).toBe(digest);
      expect(blob(archive, digest)).toHaveLength(size);
    }
    expect(config.rootfs).toEqual({ type: 'layers', diff_ids: [layer.digest] });
    expect([...archive.keys()].filter((path) => path.startsWith('blobs/'))).toHaveLength(3);
  });

  it('has a name and a platform for containerd, and the manifest of docker save', () => {
    const { archive, index, manifest, config } = readImage(name);
    const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
    expect(index.manifests).toMatchObject([
      {
        platform: { os: 'linux', architecture },
        annotations: { 'io.containerd.image.name': image, 'org.opencontainers.image.ref.name': '0.1.0' },
      },
    ]);
    expect(config).toMatchObject({ os: 'linux', architecture });
    const path = ({ digest }: { digest: string }) => `blobs/${digest.replace(':', '/')}`;
    expect(json(archive.get('manifest.json')?.content)).toEqual([
      { Config: path(manifest.config), RepoTags: [image], Layers: manifest.layers.map(path) },
    ]);
  });

  it('runs the executable as a numeric user, and says what it is', () => {
    const { config, files } = readImage(name);
    expect(config.config).toMatchObject({ User: '65532:65532', Entrypoint: [`/konductor/${name}`] });
    expect(config.config.Labels).toMatchObject({
      'org.opencontainers.image.title': name,
      'org.opencontainers.image.version': '0.1.0',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
    const modes = Object.fromEntries([...files].map(([path, { mode }]) => [path.replace(/\/$/, ''), mode]));
    expect(modes).toMatchObject({
      konductor: 0o755,
      [`konductor/${name}`]: 0o755,
      'konductor/lib/libc.so.6': 0o755,
      'konductor/lib/LGPL-2.1.txt': 0o644,
      'konductor/LICENSE': 0o644,
      'konductor/THIRD-PARTY-NOTICES.txt': 0o644,
    });
    expect(`${files.get('konductor/THIRD-PARTY-NOTICES.txt')?.content}`).toContain(`${name} is part of Konductor`);
    for (const { uid, gid, mtime } of files.values()) expect([uid, gid, mtime.getTime()]).toEqual([0, 0, 0]);
  });
});

it('lets the root of the image of koncli be mounted at /konductor', () => {
  const { files } = readImage('koncli');
  expect(files.get('koncli')).toMatchObject({ type: 'symlink', linkname: 'konductor/koncli' });
  expect(files.get('lib')).toMatchObject({ type: 'symlink', linkname: 'konductor/lib' });
});

it('makes the same bytes of the same executables', () => {
  const before = sha256(readFileSync(archiveOf('koncli')));
  buildImages();
  expect(sha256(readFileSync(archiveOf('koncli')))).toBe(before);
});
