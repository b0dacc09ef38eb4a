// What kubectl and Helm install: the manifests and the chart.
import { copyFileSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { helm } from '../../test/support/processes/helm.ts';
import { root } from '../root.ts';
import { normalizeArchive } from './archive.ts';
import { VERSION } from './version.ts';

export function makeManifests(folder: string): void {
  for (const manifest of globSync('cdk8s/manifests/*.yaml', { cwd: root }).sort())
    copyFileSync(join(root, manifest), join(folder, basename(manifest)));
}

export async function makeChart(folder: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
  try {
    await helm(['package', join(root, 'cdk8s/charts/konductor'), '--destination', folder], { home });
    await normalizeArchive(join(folder, `konductor-${VERSION}.tgz`));
  } finally {
    rmSync(home, { recursive: true });
  }
}
