// The archives of the executables: each with its licences, as Krew and the releases of a forge have them.
import { dirname, join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { type Executable, executablesFor, type Target, targets } from '../executables/executables.ts';
import { NOTICES } from '../executables/notices.ts';
import { root } from '../root.ts';
import { archiveFiles } from './archive.ts';
import { componentsOfExecutable } from './components.ts';
import { runScript } from './run.ts';
import { writeSbom } from './sbom.ts';
import { VERSION } from './version.ts';

/** With Go's name of the architecture: `koncli-0.1.0-linux-amd64-musl.tar.gz`. */
export function archiveName(name: string, target: Target): string {
  return `${name}-${VERSION}-${target.replace('x64', 'amd64')}.tar.gz`;
}

export async function makeExecutables(folder: string): Promise<void> {
  runScript('build.ts', '--all', '--if-stale');
  for (const target of targets)
    for (const executable of executablesFor(target)) await archive(executable, { target, folder });
}

async function archive(
  executable: Executable,
  { target, folder }: { readonly target: Target; readonly folder: string },
): Promise<void> {
  const { name, path } = executable;
  const file = join(folder, archiveName(name, target));
  await archiveFiles(file, {
    [name]: { path: join(root, path), isExecutable: true },
    LICENSE: { path: join(root, 'LICENSE') },
    [NOTICES]: { path: join(root, dirname(path), NOTICES) },
  });
  const components = componentsOfExecutable(executable, target);
  writeSbom(file, { type: Enums.ComponentType.Application, name, version: VERSION, components });
}
