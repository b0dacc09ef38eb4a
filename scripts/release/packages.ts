// The npm packages, as npm packs them: its archives contain no times.

import { runNpm } from './run.ts';
import { readText } from './version.ts';

export function makePackages(folder: string): void {
  const selected = publishedWorkspaces().map((name) => `--workspace=${name}`);
  runNpm('pack', '--silent', ...selected, `--pack-destination=${folder}`);
}

export function publishedWorkspaces(): string[] {
  const { workspaces }: { workspaces: string[] } = JSON.parse(readText('package.json'));
  return workspaces.filter((name) => !JSON.parse(readText(`${name}/package.json`)).private);
}
