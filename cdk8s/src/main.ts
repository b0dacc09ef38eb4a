// Writes the manifests and the Helm chart, which are shipped with the constructs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { synthesizeHelmChart } from './shipped/helm/chart.ts';
import { synthesizeJsonSchemas } from './shipped/json-schemas.ts';
import { synthesizeKustomizations } from './shipped/kustomizations.ts';
import { synthesizeManifests } from './shipped/manifests.ts';

const manifests = synthesizeManifests();
write('manifests', new Map([...manifests, ...synthesizeKustomizations(manifests)]));
write('charts/konductor', synthesizeHelmChart());
write('schemas', synthesizeJsonSchemas());

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const [path, content] of files) {
    const file = join(import.meta.dirname, '..', folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
