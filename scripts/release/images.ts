// The archives of the images.
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { targetOfFile } from '../executables/executable-target.ts';
import { executables } from '../executables/executables.ts';
import { root } from '../root.ts';
import { componentsOfExecutable, libcComponent } from './components.ts';
import { runScript } from './run.ts';
import { writeSbom } from './sbom.ts';
import { VERSION } from './version.ts';

export function makeImages(folder: string): void {
  runScript('images.ts');
  for (const executable of executables) {
    const { name, path } = executable;
    const archive = join(folder, `image-${name}-${VERSION}.tar`);
    linkSync(join(root, `dist/images/${name}.tar`), archive);
    const components = [...componentsOfExecutable(executable, targetOfFile(path)), libcComponent()];
    writeSbom(archive, { type: Enums.ComponentType.Container, name, version: VERSION, components });
  }
}
