// The npm packages, as npm packs them: its archives contain no times.
import { join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { componentsOfWorkspace } from './components.ts';
import { runNpm } from './run.ts';
import { writeSbom } from './sbom.ts';
import { readText } from './version.ts';

interface Packed {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
}

export function makePackages(folder: string): void {
  for (const workspace of publishedWorkspaces()) {
    const [packed]: Packed[] = JSON.parse(
      runNpm('pack', '--json', `--workspace=${workspace}`, `--pack-destination=${folder}`),
    );
    if (!packed) throw new Error(`npm packed nothing of ${workspace}`);
    const { name, version, filename } = packed;
    const components = componentsOfWorkspace(workspace);
    writeSbom(join(folder, filename), { type: Enums.ComponentType.Library, name, version, components });
  }
}

function publishedWorkspaces(): string[] {
  const { workspaces }: { workspaces: string[] } = JSON.parse(readText('package.json'));
  return workspaces.filter((name) => !JSON.parse(readText(`${name}/package.json`)).private);
}
