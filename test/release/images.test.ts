// npm run images: what is in the archives. test/release/arm64.test.ts runs what is in them.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '@konductor/cdk8s';
import { beforeAll, describe, expect, it } from 'vitest';
import { machineOf } from '../../scripts/executables/elf.ts';
import { root } from '../../scripts/root.ts';
import { type Archive, blobOf, type Descriptor, jsonAt, pathOf, readArchive, readImage } from './image-archives.ts';

const ARCHITECTURES = ['amd64', 'arm64'] as const;
const MACHINES = { amd64: 62, arm64: 183 };
const LABELS = {
  'org.opencontainers.image.version': '0.1.0',
  'org.opencontainers.image.licenses': 'Apache-2.0',
  'org.opencontainers.image.source': 'https://github.com/konductor-io/waitgroup',
  'org.opencontainers.image.documentation': expect.stringContaining('docs/guides/images.md'),
  'org.opencontainers.image.vendor': 'The Konductor authors',
};
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

beforeAll(() => {
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'images'], { cwd: root, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, expect.stringContaining('building dist/images/koncli.tar')]);
}, 600_000);

/** By the number of its images. */
function expectLayout(archive: Archive, images: readonly Descriptor[], ...others: Descriptor[]): void {
  expect(jsonAt(archive, 'oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  const inManifests = images.flatMap((one) => {
    const { config, layers } = jsonAt(archive, pathOf(one));
    return [config, ...layers];
  });
  const all: Descriptor[] = [...images, ...others, ...inManifests];
  for (const one of all) {
    expect(`sha256:${sha256(blobOf(archive, one))}`).toBe(one.digest);
    expect(blobOf(archive, one)).toHaveLength(one.size);
  }
  const blobs = [...archive.keys()].filter((path) => path.startsWith('blobs/'));
  expect(blobs.sort()).toEqual(all.map(pathOf).sort());
}

describe.each([
  { name: 'koncli', image: KONCLI_IMAGE },
  { name: 'konductor-operator', image: OPERATOR_IMAGE },
])('the image of $name', ({ name, image }) => {
  const named = { 'io.containerd.image.name': image, 'org.opencontainers.image.ref.name': '0.1.0' };
  let archive: Archive;
  let index: Descriptor;
  let manifests: Descriptor[];

  beforeAll(async () => {
    archive = await readArchive(name);
    [index] = jsonAt(archive, 'index.json').manifests;
    ({ manifests } = jsonAt(archive, pathOf(index)));
  });

  it('is one image for both architectures under one name', () => {
    expectLayout(archive, manifests, index);
    expect(index).toMatchObject({ mediaType: 'application/vnd.oci.image.index.v1+json', annotations: named });
    expect(manifests.map(({ platform }) => platform)).toEqual(
      ARCHITECTURES.map((architecture) => ({ architecture, os: 'linux' })),
    );
  });

  it.each(ARCHITECTURES)(
    'is the same in the archive for %s alone, which Docker reads as well',
    async (architecture) => {
      const one = await readArchive(`${name}-${architecture}`);
      const [manifest] = jsonAt(one, 'index.json').manifests;
      expectLayout(one, [manifest]);
      const inBoth = manifests.find(({ platform }) => platform?.architecture === architecture);
      expect(manifest).toEqual({ ...inBoth, annotations: named });
      const { config, layers } = jsonAt(one, pathOf(manifest));
      const forDocker = { Config: pathOf(config), RepoTags: [image], Layers: layers.map(pathOf) };
      expect(jsonAt(one, 'manifest.json')).toEqual([forDocker]);
    },
  );

  it('says what it is in labels and in annotations', async () => {
    const labels = { ...LABELS, 'org.opencontainers.image.title': name };
    expect(jsonAt(archive, pathOf(index)).annotations).toMatchObject(labels);
    for (const one of manifests) {
      const { manifest, config } = await readImage(archive, one);
      expect(manifest.annotations).toMatchObject(labels);
      expect(config.config.Labels).toEqual(manifest.annotations);
    }
  });

  it.each(ARCHITECTURES)('runs the executable for %s as a numeric user', async (architecture) => {
    const one = manifests.find(({ platform }) => platform?.architecture === architecture);
    const { config, files, layer } = await readImage(archive, one as Descriptor);
    expect(config).toMatchObject({ os: 'linux', architecture, rootfs: { type: 'layers', diff_ids: [layer.digest] } });
    expect(config.config).toMatchObject({ User: '65532:65532', Entrypoint: [`/konductor/${name}`] });
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
    for (const path of [`konductor/${name}`, 'konductor/lib/libc.so.6'])
      expect(machineOf(files.get(path)?.content ?? Buffer.of())).toBe(MACHINES[architecture]);
    for (const { uid, gid, mtime } of files.values()) expect([uid, gid, mtime?.getTime()]).toEqual([0, 0, 0]);
  });
});

it('lets the root of the image of koncli be mounted at /konductor', async () => {
  const archive = await readArchive('koncli-arm64');
  const { files } = await readImage(archive, jsonAt(archive, 'index.json').manifests[0]);
  expect(files.get('koncli')).toMatchObject({ type: 'symlink', linkname: 'konductor/koncli' });
  expect(files.get('lib')).toMatchObject({ type: 'symlink', linkname: 'konductor/lib' });
});
