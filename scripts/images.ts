// npm run images: the images of koncli and of the operator, for the architecture of this machine, as archives in dist/images that
// containerd, Docker, Podman and kind load.
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '../cdk8s/src/workloads/images.ts';
import { type Executable, executables } from './executables/executables.ts';
import { makeKonductorFolder } from './images/konductor-folder.ts';
import { ociArchive } from './images/oci-archive.ts';
import { root } from './root.ts';

const IMAGES: Readonly<Record<Executable['name'], string>> = {
  koncli: KONCLI_IMAGE,
  'konductor-operator': OPERATOR_IMAGE,
};
const SOURCE = 'https://github.com/konductor-io/waitgroup';

const { version, license }: { version: string; license: string } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

try {
  for (const executable of executables) await buildImage(executable);
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}

async function buildImage({ name, path }: Executable): Promise<void> {
  const image = IMAGES[name];
  const archive = `dist/images/${name}.tar`;
  console.error(`konductor: building ${archive} (${image}) ...`);
  const folder = join(root, 'dist/images', `${name}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    makeKonductorFolder(join(root, path), join(folder, 'konductor'));
    if (name === 'koncli') linkIntoRoot(folder);
    const content = await ociArchive({
      reference: image,
      folder,
      entrypoint: [`/konductor/${name}`],
      user: '65532:65532',
      labels: labelsOf(name),
    });
    writeFileSync(`${folder}.tar`, content);
    renameSync(`${folder}.tar`, join(root, archive));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
function labelsOf(title: string): Record<string, string> {
  const labels = { title, version, licenses: license, source: SOURCE, url: SOURCE, vendor: 'The Konductor authors' };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`org.opencontainers.image.${key}`, value]));
}

/** Makes volume mounts at /konductor work without `subPath: konductor`. */
function linkIntoRoot(folder: string): void {
  for (const name of ['koncli', 'lib']) symlinkSync(`konductor/${name}`, join(folder, name));
}
