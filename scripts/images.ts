// npm run images: the images of koncli and of the operator, for this machine's architecture, as archives in dist/images
// that `kind load image-archive` and `ctr images import` take.
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Executable, executables } from './executables/executables.ts';
import { findImageBuilder, type ImageBuilder } from './images/image-builders.ts';
import { makeKonductorFolder } from './images/konductor-folder.ts';
import { root } from './root.ts';

const IMAGES: Readonly<Record<Executable['name'], string>> = {
  koncli: 'konductor/koncli',
  'konductor-operator': 'konductor/operator',
};

const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

try {
  const builder = findImageBuilder();
  if (!builder) throw new Error('images are built by docker (with its daemon), podman or buildah: install one of them');
  for (const executable of executables) buildImage(executable, builder);
} catch (error) {
  console.error(`konductor: ${(error as Error).message}`);
  process.exit(1);
}

function buildImage({ name, path }: Executable, builder: ImageBuilder): void {
  const image = `${IMAGES[name]}:${version}`;
  const archive = `dist/images/${name}.tar`;
  console.error(`konductor: building ${archive} (${image}) with ${builder.name} ...`);
  const context = join(root, 'dist/images', name);
  rmSync(context, { recursive: true, force: true });
  makeKonductorFolder(join(root, path), join(context, 'konductor'));
  if (name === 'koncli') linkIntoRoot(context);
  builder.build({
    containerfile: join(root, `images/${name}.Containerfile`),
    context,
    reference: `docker.io/${image}`,
    archive: join(root, archive),
  });
  rmSync(context, { recursive: true });
}

/** For volume mounts at /konductor that leave out `subPath: konductor`. */
function linkIntoRoot(context: string): void {
  for (const name of ['koncli', 'lib']) symlinkSync(`konductor/${name}`, join(context, name));
}
