// What kubectl and Helm install: the manifests, their schemas, and the chart.
import { copyFileSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Enums } from '@cyclonedx/cyclonedx-library';
import { KONCLI_IMAGE, OPERATOR_IMAGE } from '../../cdk8s/src/workloads/images.ts';
import { helm } from '../../test/support/processes/helm.ts';
import { root } from '../root.ts';
import { normalizeArchive } from './archive.ts';
import { imageComponent } from './components.ts';
import { writeSbom } from './sbom.ts';
import { VERSION } from './version.ts';

export function makeManifests(folder: string): void {
  // kustomize builds from the repository.
  const exclude = ['**/kustomization.yaml', '**/name-references.yaml'];
  for (const manifest of globSync(['cdk8s/manifests/*.yaml', 'cdk8s/schemas/*/*.json'], { cwd: root, exclude }))
    copyFileSync(join(root, manifest), join(folder, basename(manifest)));
}

export async function makeChart(folder: string): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
  try {
    await helm(['package', join(root, 'cdk8s/charts/konductor'), '--destination', folder], { home });
    const chart = join(folder, `konductor-${VERSION}.tgz`);
    await normalizeArchive(chart);
    const components = [OPERATOR_IMAGE, KONCLI_IMAGE].map(imageComponent);
    writeSbom(chart, { type: Enums.ComponentType.Application, name: 'konductor', version: VERSION, components });
  } finally {
    rmSync(home, { recursive: true });
  }
}
