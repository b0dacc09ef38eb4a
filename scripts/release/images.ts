// The archives of the images.
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { executables } from '../executables/executables.ts';
import { root } from '../root.ts';
import { componentsOfExecutable, libcComponent } from './components.ts';
import { runScript } from './run.ts';
import { writeSbom } from './sbom.ts';
import { VERSION } from './version.ts';

export function makeImages(folder: string): void {
  runScript('images.ts');
  const target = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64';
  for (const executable of executables) {
    const { name } = executable;
    const archive = join(folder, `image-${name}-${VERSION}.tar`);
    linkSync(join(root, `dist/images/${name}.tar`), archive);
    const components = [...componentsOfExecutable(executable, target), libcComponent()];
    writeSbom(archive, { type: Enums.ComponentType.Container, name, version: VERSION, components });
  }
}
