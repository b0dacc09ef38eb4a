// What needs a control plane of its own: the manifests of docs/guides/gitops.md with Flux' CRD, and with Kubernetes' own controllers
// the guide for labels, and what GitOps tools make of workloads that are held.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WaitGroupClient } from '@konductor/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ControlPlane, goModuleFolder, startControlPlane } from '../../control-plane/index.ts';
import { openClient } from '../../support/cluster/client-access.ts';
import { areServed, installCrd } from '../../support/cluster/crd.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { releaseOf } from '../../support/processes/helm-release.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { heldWorkloadCases } from './held-workload-cases.ts';
import { labelsGuide } from './labels-cases.ts';

const FLUX = 'github.com/fluxcd/kustomize-controller@v1.9.6';
const FLUX_SUM = 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=';
const KUSTOMIZATIONS = 'kustomize.toolkit.fluxcd.io_kustomizations.yaml';
const ARGOCD_CM = join(import.meta.dirname, '../../../docs/guides/gitops/argocd-cm.yaml');

const FAILURE = { message: 'no space left' };
const GROUP = 'apiVersion: konductor.io/v1\nkind: WaitGroup\nmetadata:\n  name: nightly\nspec:\n  initialCount: 3\n';

const [kustomization = '', argocdCm = '', , , ignore = ''] = codeBlocks()
  .filter(({ name, language }) => name.startsWith('docs/guides/gitops.md') && language === 'yaml')
  .map(({ code }) => code);

// Of its own: it has Flux' CRD, and controllers.
let controlPlane: ControlPlane;
let namespace: string;
let client: WaitGroupClient;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
  await installCrd(controlPlane);
}, 180_000);
afterAll(() => controlPlane.stop());

beforeEach(async () => {
  namespace = await createGuideNamespace(controlPlane, 'gitops');
  client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
});

const run = (...args: string[]) => kubectlOutput(controlPlane, ['-n', namespace, ...args]);
const create = (input: string) =>
  kubectlOutput(controlPlane, ['create', '--validate=strict', '-n', namespace, '-f', '-'], { input });

describe('the guide for GitOps', () => {
  it('has the ConfigMap of its file, which kubectl can patch in', async () => {
    expect(readFileSync(ARGOCD_CM, 'utf8')).toBe(argocdCm);
    await run('create', 'configmap', 'argocd-cm');
    await run('patch', 'configmap', 'argocd-cm', '--patch-file', ARGOCD_CM);
    const patched = await kubectlJson(controlPlane, ['get', 'configmap', 'argocd-cm', '-n', namespace]);
    expect(patched).toMatchObject(parse(argocdCm));
  });

  it('has a Kustomization that Flux’ CRD takes, and a misspelt one does not get past', async () => {
    const crd = join(await goModuleFolder(FLUX, FLUX_SUM), 'config/crd/bases', KUSTOMIZATIONS);
    await run('apply', '--server-side', '-f', crd);
    await areServed(controlPlane, 'kustomizations.kustomize.toolkit.fluxcd.io');
    const inNamespace = kustomization.replace('flux-system', namespace);
    await expect(create(inNamespace.replace('failed:', 'failing:'))).rejects.toThrow('unknown field');
    await create(inNamespace);
    const { spec, ...flux } = parse(inNamespace);
    const ignoring = { ...flux, metadata: { name: 'ignoring' }, spec: { ...spec, ...parse(ignore).spec } };
    await create(JSON.stringify(ignoring));
  });
});

describe('helm 3, of which the guide says that it', () => {
  it('does not wait for a group, and does not mind a failed one', async () => {
    const release = releaseOf(controlPlane, namespace, GROUP);
    expect(await release('install', '--wait')).toContain('STATUS: deployed');
    await client.fail('nightly', FAILURE);
    expect(await release('upgrade', '--wait')).toContain('STATUS: deployed');
  });
});

labelsGuide(() => controlPlane);
heldWorkloadCases(
  () => controlPlane,
  () => namespace,
);
