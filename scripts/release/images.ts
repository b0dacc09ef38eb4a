// The archives of the images, each for both architectures.
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { executables } from '../executables/executables.ts';
import { root } from '../root.ts';
import { componentsOfExecutable, libcComponent, runtimeComponent } from './components.ts';
import { runScript } from './run.ts';
import { writeSbom } from './sbom.ts';
import { VERSION } from './version.ts';

export function makeImages(folder: string): void {
  runScript('images.ts');
  for (const executable of executables) {
    const { name } = executable;
    const archive = join(folder, `image-${name}-${VERSION}.tar`);
    linkSync(join(root, `dist/images/${name}.tar`), archive);
    const components = [
      ...componentsOfExecutable(executable, 'linux-x64'),
      runtimeComponent('linux-arm64'),
      ...(['amd64', 'arm64'] as const).map(libcComponent),
    ];
    writeSbom(archive, { type: Enums.ComponentType.Container, name, version: VERSION, components });
  }
}
