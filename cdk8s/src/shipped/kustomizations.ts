// What kustomize builds from: the manifests as bases and components, and what it must know of our kinds to rename them.
import { posix } from 'node:path';
import { Yaml } from 'cdk8s';
import { NAME_REFERENCES } from './name-references.ts';

/** The folders, and the manifests that each consists of. kustomize reads no file outside of a folder, so each has its own. */
const folders: Readonly<Record<string, { readonly kind: 'Kustomization' | 'Component'; readonly of: string[] }>> = {
  '.': { kind: 'Kustomization', of: ['install.yaml'] },
  cluster: { kind: 'Kustomization', of: ['crd.yaml', 'user-roles.yaml'] },
  namespace: { kind: 'Kustomization', of: ['install-namespace.yaml'] },
  'components/hold': { kind: 'Component', of: ['hold.yaml'] },
  'components/hold-namespace': { kind: 'Component', of: ['hold-namespace.yaml'] },
  'components/injection': { kind: 'Component', of: ['injection.yaml'] },
  'components/monitoring': { kind: 'Component', of: ['monitoring.yaml'] },
  'components/names': { kind: 'Component', of: [] },
};
const CONFIGURATION = 'name-references.yaml';
const API_GROUP = 'kustomize.config.k8s.io';
const VERSIONS = { Kustomization: 'v1beta1', Component: 'v1alpha1' };

/** The text of every file by its path in the folder of the manifests. */
export function synthesizeKustomizations(manifests: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [folder, { kind, of }] of Object.entries(folders)) {
    const apiVersion = `${API_GROUP}/${VERSIONS[kind]}`;
    // The configuration of a base or component is also that of the kustomization which includes it.
    const kustomization = { apiVersion, kind, resources: of, configurations: [CONFIGURATION] };
    files.set(posix.join(folder, 'kustomization.yaml'), generated(kustomization));
    files.set(posix.join(folder, CONFIGURATION), generated({ nameReference: NAME_REFERENCES }));
    for (const path of of) files.set(posix.join(folder, path), manifests.get(path) ?? '');
  }
  return files;
}

const generated = (content: object) =>
  `# Generated from cdk8s/src by "npm run synth": see docs/guides/kustomize.md.\n${Yaml.stringify(content)}`;
