// The manifests of docs/guides/gitops.md: Flux' CRD takes the Kustomization, Argo CD's ConfigMap is that of the file beside the guide,
// and the Job waits.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import type { WaitGroupClient } from '@konductor/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { openClient } from '../../support/cluster/client-access.ts';
import { areServed, installCrd } from '../../support/cluster/crd.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { areGranted } from '../../support/cluster/permissions.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { useKonductorFolder } from '../../support/pods/konductor-image.ts';
import { codesOf, startPod } from '../../support/pods/pod-runner.ts';
import { goModuleFolder } from '../../support/processes/go-module.ts';
import { helm } from '../../support/processes/helm.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const FLUX = 'github.com/fluxcd/kustomize-controller@v1.9.6';
const FLUX_SUM = 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=';
const KUSTOMIZATIONS = 'kustomize.toolkit.fluxcd.io_kustomizations.yaml';
const ARGOCD_CM = join(import.meta.dirname, '../../../docs/guides/gitops/argocd-cm.yaml');

const FAILURE = { message: 'no space left' };
const GROUP = 'apiVersion: konductor.io/v1\nkind: WaitGroup\nmetadata:\n  name: nightly\nspec:\n  initialCount: 3\n';

const manifestsOf = (guide: string) =>
  codeBlocks().filter(({ name, language }) => name.startsWith(`docs/guides/${guide}.md`) && language === 'yaml');
const [kustomization = '', argocdCm = '', waitingJob = ''] = manifestsOf('gitops').map(({ code }) => code);
const waiterRole = manifestsOf('rbac').find(({ code }) => code.includes('nightly-waiter'))?.code ?? '';

// Of its own: it has Flux' CRD.
let controlPlane: ControlPlane;
let namespace: string;
let client: WaitGroupClient;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await installCrd(controlPlane);
}, 180_000);
afterAll(() => controlPlane.stop());

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'gitops');
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
  });
});

describe('helm 3, of which the guide says that it', () => {
  it('does not wait for a group, and does not mind a failed one', async () => {
    const chart = mkdtempSync(join(tmpdir(), 'konductor-chart-'));
    onTestFinished(() => rmSync(chart, { recursive: true }));
    mkdirSync(join(chart, 'templates'));
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: nightly\nversion: 1.0.0\n');
    writeFileSync(join(chart, 'templates/group.yaml'), GROUP);
    const { kubeconfig } = controlPlane;
    const release = (verb: string) =>
      helm([verb, 'nightly', chart, '--wait', '-n', namespace], { home: chart, kubeconfig });
    expect(await release('install')).toContain('STATUS: deployed');
    await client.fail('nightly', FAILURE);
    expect(await release('upgrade')).toContain('STATUS: deployed');
  });
});

describe('the Job of the guide for GitOps', () => {
  const konductor = useKonductorFolder();

  it.each([
    ['succeeds when the work is done', () => client.done('nightly', 3), /^wait 0$/],
    ['fails when the round fails', () => client.fail('nightly', FAILURE), /^wait 6: .*no space left/s],
  ])('%s', async (_what, end, code) => {
    await create(waitingJob);
    await create(waiterRole);
    const rules = [
      { apiGroups: ['konductor.io'], resources: ['waitgroups'], resourceNames: ['nightly'], verbs: ['list', 'watch'] },
    ];
    await areGranted(controlPlane, { user: `system:serviceaccount:${namespace}:nightly-waiter`, namespace, rules });
    await client.create({ name: 'nightly', spec: {} });
    await client.add('nightly', 3);
    const images = { [KONCLI_IMAGE]: { konductor } };
    const pod = await startPod(controlPlane, parse(waitingJob).spec.template, { namespace, images });
    await end();
    expect(await codesOf([pod])).toEqual([expect.stringMatching(code)]);
  });
});
