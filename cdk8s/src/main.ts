// Writes the manifests and the Helm chart, which are shipped with the constructs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { synthesizeHelmChart } from './shipped/helm/chart.ts';
import { synthesizeManifests } from './shipped/manifests.ts';

write('manifests', synthesizeManifests());
write('charts/konductor', synthesizeHelmChart());

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, content] of files) {
    const file = join(import.meta.dirname, '..', folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
