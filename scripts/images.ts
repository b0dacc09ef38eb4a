// npm run images: the images of koncli and of the operator for linux/amd64 and linux/arm64, as archives in dist/images:
// NAME.tar for both, and NAME-amd64.tar and NAME-arm64.tar.
import { createWriteStream, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '../cdk8s/src/workloads/images.ts';
import { type Executable, executables, executablesFor } from './executables/executables.ts';
import { makeKonductorFolder } from './images/konductor-folder.ts';
import type { Architecture } from './images/libc-package.ts';
import { archiveOfAll, archiveOfOne } from './images/oci-archive.ts';
import { type Image, type PlatformImage, platformImage } from './images/oci-image.ts';
import { runScript } from './release/run.ts';
import { root } from './root.ts';

const IMAGES: Readonly<Record<Executable['name'], { readonly reference: string; readonly description: string }>> = {
  koncli: { reference: KONCLI_IMAGE, description: 'Counts and awaits WaitGroups from a shell' },
  'konductor-operator': { reference: OPERATOR_IMAGE, description: 'The operator of WaitGroups' },
};
const PLATFORMS = { amd64: 'linux-x64', arm64: 'linux-arm64' } as const;
const OUTPUT = join(root, 'dist/images');
const SOURCE = 'https://github.com/konductor-io/waitgroup';

const { version, license }: { version: string; license: string } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

try {
  const targets = Object.values(PLATFORMS).map((target) => `--target=${target}`);
  runScript('build.ts', '--executables', '--if-stale', ...targets);
  mkdirSync(OUTPUT, { recursive: true });
  for (const { name } of executables) await buildImage(name);
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}

async function buildImage(name: Executable['name']): Promise<void> {
  const { reference, description } = IMAGES[name];
  console.error(`konductor: building dist/images/${name}.tar (${reference}) ...`);
  const labels = labelsOf({ title: name, description });
  const image: Image = { reference, entrypoint: [`/konductor/${name}`], user: '65532:65532', labels };
  const images: PlatformImage[] = [];
  for (const architecture of ['amd64', 'arm64'] as const) {
    const one = await buildFor(architecture, { name, image });
    images.push(one);
    await save(archiveOfOne(image, one), `${name}-${architecture}.tar`);
  }
  await save(archiveOfAll(image, images), `${name}.tar`);
}

async function buildFor(
  architecture: Architecture,
  { name, image }: { readonly name: Executable['name']; readonly image: Image },
): Promise<PlatformImage> {
  const executable = executablesFor(PLATFORMS[architecture]).find((one) => one.name === name);
  if (!executable) throw new Error(`${name} is not built for ${architecture}`);
  const folder = join(OUTPUT, `${name}.${process.pid}`);
  try {
    mkdirSync(folder);
    await makeKonductorFolder(join(root, executable.path), join(folder, 'konductor'), name);
    if (name === 'koncli') linkIntoRoot(folder);
    return await platformImage(image, { architecture, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Renamed into place at the end. */
async function save(archive: Readable, name: string): Promise<void> {
  const unfinished = join(OUTPUT, `${name}.${process.pid}`);
  await pipeline(archive, createWriteStream(unfinished));
  renameSync(unfinished, join(OUTPUT, name));
}

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md. No commit: the same sources give the same digest. */
function labelsOf(own: { readonly title: string; readonly description: string }): Record<string, string> {
  const documentation = `${SOURCE}/blob/v${version}/docs/guides/images.md`;
  const vendor = 'The Konductor authors';
  const labels = { ...own, version, licenses: license, source: SOURCE, url: SOURCE, documentation, vendor };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`org.opencontainers.image.${key}`, value]));
}

/** Makes volume mounts at /konductor work without `subPath: konductor`. */
function linkIntoRoot(folder: string): void {
  for (const name of ['koncli', 'lib']) symlinkSync(`konductor/${name}`, join(folder, name));
}
