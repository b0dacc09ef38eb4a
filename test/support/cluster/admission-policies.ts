// Installs the admission policies that are shipped, without the rest of their manifest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type KubectlAccess, kubectlOutput } from '../processes/kubectl.ts';

const MANIFEST = join(import.meta.dirname, '../../../cdk8s/manifests/user-roles.yaml');

/** The API server enforces them a moment later. */
export async function installPolicies(access: KubectlAccess): Promise<void> {
  const items = parseAllDocuments(readFileSync(MANIFEST, 'utf8'))
    .map((document) => document.toJS())
    .filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '--server-side', '-f', '-'], { input });
}
