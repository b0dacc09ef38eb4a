// The shipped manifest files on a real API server: applied twice, and under Pod Security.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthesizeManifests } from '../../../cdk8s/src/shipped/manifests.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { installPrometheusCrds } from '../../support/cluster/prometheus-crds.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const DIRECTORY = join(import.meta.dirname, '../../../cdk8s/manifests');
const files = [...synthesizeManifests().keys()].sort();
const fileOf = (path: string) => join(DIRECTORY, path);
/** Whether the objects go into the namespace that kubectl uses. */
const isAnywhere = (path: string) => path.startsWith('examples/') || path.endsWith('-namespace.yaml');

interface KubeObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion?: string; readonly generation?: number };
  readonly spec?: { readonly template?: { readonly metadata: object; readonly spec: PodSpec } };
}

interface PodSpec {
  readonly securityContext: object;
  readonly volumes?: readonly object[];
}

// A control plane of its own: other test files apply the same cluster-scoped objects.
let access: ControlPlane;

beforeAll(async () => {
  access = await startControlPlane();
  await Promise.all([installCrd(access), installPrometheusCrds(access)]);
});
afterAll(() => access.stop());

describe.each([['--server-side'], ['--server-side=false']])('kubectl apply %s', (mode) => {
  it.each(files)('accepts %s, and changes nothing the second time', async (path) => {
    const namespace = isAnywhere(path) ? ['-n', await createNamespace(access, 'manifests')] : [];
    const apply = () => kubectlOutput(access, ['apply', mode, '-f', fileOf(path), ...namespace]);
    const versions = async () => {
      const stored = await kubectlJson<{ items?: KubeObject[] }>(access, ['get', '-f', fileOf(path), ...namespace]);
      const objects = stored.items ?? [stored as KubeObject];
      return objects.map(({ kind, metadata: { name, resourceVersion, generation } }) => ({
        ...{ kind, name, resourceVersion, generation },
      }));
    };
    await apply();
    const before = await versions();
    const said = await apply();
    expect(await versions()).toEqual(before);
    // Server-side apply always prints the same.
    if (mode === '--server-side=false') expect(said).not.toMatch(/ (created|configured)$/m);
    expect(before).toHaveLength(objectsOf(path).length);
  });
});

function objectsOf(path: string): KubeObject[] {
  return parseAllDocuments(readFileSync(fileOf(path), 'utf8')).map((document) => document.toJS());
}

const templates = files.flatMap((path) =>
  objectsOf(path).flatMap(({ kind, metadata, spec }) => {
    return spec?.template ? [{ workload: `${path}: ${kind} ${metadata.name}`, spec: spec.template.spec }] : [];
  }),
);

describe('the restricted Pod Security Standard', () => {
  let namespace: string;

  beforeAll(async () => {
    namespace = await createNamespace(access, 'restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  });

  const createPod = (spec: object) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'pod-', namespace }, spec };
    return kubectl(access, ['create', '-f', '-', '-o', 'json'], { input: JSON.stringify(pod) });
  };

  it('is checked for both operators and every example', () => {
    expect(templates).toHaveLength(11);
  });

  it.each(templates)('admits the pod of $workload with its volumes', async ({ spec }) => {
    const { stdout, stderr } = await createPod(spec);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).spec.volumes ?? []).toEqual(spec.volumes ?? []);
  });

  it.each(templates)('rejects the pod of $workload without its seccompProfile', async ({ spec }) => {
    const { seccompProfile, ...securityContext } = spec.securityContext as Record<string, unknown>;
    expect(seccompProfile).toEqual({ type: 'RuntimeDefault' });
    const { code, stderr } = await createPod({ ...spec, securityContext });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/violates PodSecurity "restricted:latest": seccompProfile/);
  });
});
