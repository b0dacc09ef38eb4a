// What the demo takes from the synthesized manifests, and the one change that it makes to them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { root } from '../../scripts/root.ts';

const MANIFESTS = join(root, 'cdk8s', 'manifests');

export const INSTALL_MANIFEST = join(MANIFESTS, 'install.yaml');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: object;
}

/**
 * The batch example without its Job, whose part the demo's own processes play, and with another TTL: the example's
 * hour is too long for a demo.
 */
export function batchExample(ttl: string): string {
  const documents = parseAllDocuments(readFileSync(join(MANIFESTS, 'examples', 'batch-job.yaml'), 'utf8'));
  const manifests = documents.map((document) => document.toJS() as Manifest | null);
  return manifests
    .filter((manifest) => manifest !== null && manifest.kind !== 'Job')
    .map((manifest) => (manifest?.kind === 'WaitGroup' ? { ...manifest, spec: { ...manifest.spec, ttl } } : manifest))
    .map((manifest) => stringify(manifest))
    .join('---\n');
}
