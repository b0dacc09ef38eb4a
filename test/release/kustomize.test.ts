// docs/guides/kustomize.md: what kustomize builds of the bases and components, on a real API server. Under other names and in another
// namespace, the operator has the same permissions, within the same bounds, and no more.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { root } from '../../scripts/root.ts';
import { type Manifest, pick } from '../cdk8s/synth.ts';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { installPrometheusCrds } from '../support/cluster/prometheus-crds.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { codeBlocks } from '../support/guides/code-blocks.ts';
import { createHeldPod } from '../support/pods/held-workloads.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../support/processes/kubectl.ts';
import { startOperator } from '../support/processes/operator.ts';
import { eventually } from '../support/waiting/eventually.ts';

/** The repository as kustomize fetches it. */
const REMOTE = 'https://github.com/konductor-io/waitgroup//cdk8s/manifests';
const OPERATOR = { namespace: 'team', serviceAccount: 'dev-konductor-operator-x' };
let access: ControlPlane;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-kustomize-'));
  cpSync(join(root, 'cdk8s/manifests'), join(folder, 'manifests'), { recursive: true });
  access = await startControlPlane();
  await installPrometheusCrds(access);
});
afterAll(async () => {
  await access.stop();
  rmSync(folder, { recursive: true });
});

/** The path of a folder with the kustomization, beside the manifests. */
function overlay(name: string, kustomization: object): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'kustomization.yaml'), stringify(kustomization));
  return path;
}

async function build(path: string): Promise<Manifest[]> {
  const text = await kubectlOutput(access, ['kustomize', path]);
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** The kustomizations and the Job of the guide, with the folder in place of the URL. */
const [installation, renaming, job] = codeBlocks()
  .filter(({ name, language }) => name.startsWith('docs/guides/kustomize.md') && language === 'yaml')
  .map(({ code }): Manifest => parse(code.replaceAll(REMOTE, '../manifests').replaceAll('?ref=v0.1.0', '')));

describe('the CRDs and a WaitGroup together', () => {
  it('are applied by the second kubectl apply, after the first has said that it knows no WaitGroups', async () => {
    const path = overlay('together', { resources: ['../manifests/cluster', 'group.yaml'] });
    const metadata = { name: 'nightly', namespace: 'default' };
    writeFileSync(join(path, 'group.yaml'), stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata }));
    const apply = () => kubectl(access, ['apply', '--server-side', '-k', path]);
    const { code, stderr } = await apply();
    expect([code, stderr]).toEqual([1, expect.stringContaining('no matches for kind "WaitGroup"')]);
    await eventually('the second apply', async () => (await apply()).code === 0);
  });
});

describe('the installation in another namespace, under other names', () => {
  let path: string;
  let kubeconfig: string;
  let namespace: string;

  beforeAll(async () => {
    const components = [...installation.components, '../manifests/components/monitoring'];
    path = overlay('renamed', { ...installation, components, namePrefix: 'dev-', nameSuffix: '-x' });
    await kubectlOutput(access, ['apply', '--server-side', '-k', path]);
    kubeconfig = await serviceAccountKubeconfig(access, OPERATOR);
    namespace = await createNamespace(access, 'work');
  });

  it.each(['--server-side', '--server-side=false'])('is not changed by kubectl apply %s once more', async (mode) => {
    const changed = await kubectlOutput(access, ['diff', mode, '-k', path]);
    expect(changed).toBe('');
  });

  it.each([
    ['yes', ['delete', 'waitgroups.konductor.io', '-A']],
    ['yes', ['update', 'waitgroups.konductor.io', '--subresource=manage', '-A']],
    ['yes', ['patch', 'jobs.batch', '-A']],
    ['yes', ['patch', 'pods', '-A']],
    ['yes', ['update', 'leases.coordination.k8s.io/konductor-operator', '-n', 'team']],
    ['no', ['update', 'leases.coordination.k8s.io/other', '-n', 'team']],
    ['no', ['create', 'leases.coordination.k8s.io', '-n', 'konductor-system']],
    ['no', ['delete', 'pods', '-A']],
    ['no', ['list', 'secrets', '-n', 'team']],
  ])('gets its operator %s to kubectl auth can-i %j', async (answer, question) => {
    const { stdout } = await kubectl(access, ['auth', 'can-i', ...question], { kubeconfig });
    expect(stdout.trim()).toBe(answer);
  });

  it('lets its operator lead', async () => {
    const args = ['--leader-elect', '--leader-election-namespace=team'];
    const operator = await startOperator({ kubeconfig, args });
    const lease = ['get', 'lease', 'konductor-operator', '-n', 'team'];
    const holder = async () => (await kubectlJson<Manifest>(access, lease)).spec.holderIdentity;
    await eventually('a leader', holder);
    expect(await operator.stop()).toBe(0);
  });

  it('bounds what its operator changes of pods that are held', async () => {
    await createHeldPod(access, 'nightly', { namespace, name: 'held' });
    const patch = (change: object) => {
      const args = ['patch', 'pod', 'held', '-n', namespace, '--type=merge', '-p', JSON.stringify(change)];
      return kubectl(access, [...args, '--dry-run=server'], { kubeconfig });
    };
    expect((await patch({ metadata: { labels: { app: 'other' } } })).stderr).toContain('denied request: the operator');
    expect((await patch({ spec: { schedulingGates: null } })).stderr).toBe('');
  });

  it('holds by the label, and injects koncli of the image that is named', async () => {
    const labels = { 'konductor.io/waitgroup': 'nightly', 'konductor.io/after': 'nightly' };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod', labels } };
    const input = JSON.stringify({ ...pod, spec: { containers: [{ name: 'main', image: 'busybox' }] } });
    const create = ['create', '--dry-run=server', '-n', namespace, '-f', '-'];
    const { spec } = await kubectlJson<Manifest>(access, create, { input });
    expect(spec.schedulingGates).toEqual([{ name: 'konductor.io/after' }]);
    const reference = 'registry.example.com/konductor/koncli:0.1.0';
    expect(spec.volumes).toEqual([{ name: 'konductor', image: { reference, pullPolicy: 'IfNotPresent' } }]);
  });

  it('runs the image that is named', async () => {
    const { spec } = pick(await build(path), 'Deployment');
    expect(spec.template.spec.containers[0].image).toBe('registry.example.com/konductor/operator:0.1.0');
  });
});

describe('an operator for one namespace', () => {
  it('is built with what it needs of the cluster apart', async () => {
    const components = ['../manifests/components/hold-namespace'];
    const path = overlay('own', { namespace: 'own', resources: ['../manifests/namespace'], components });
    await kubectlOutput(access, ['apply', '--server-side', '-k', join(folder, 'manifests/cluster')]);
    await kubectlOutput(access, ['create', 'namespace', 'own']);
    await kubectlOutput(access, ['apply', '--server-side', '-k', path]);
    const kubeconfig = await serviceAccountKubeconfig(access, {
      namespace: 'own',
      serviceAccount: 'konductor-operator',
    });
    const can = async (...question: string[]) =>
      (await kubectl(access, ['auth', 'can-i', 'patch', 'jobs.batch', ...question], { kubeconfig })).stdout.trim();
    expect([await can('-n', 'own'), await can('-n', 'default')]).toEqual(['yes', 'no']);
  });
});

describe('the names of WaitGroups', () => {
  const rename = async (name: string, resources: Record<string, string>, more: object = {}) => {
    const path = overlay(name, { ...renaming, ...more, resources: Object.keys(resources) });
    for (const [file, text] of Object.entries(resources)) writeFileSync(join(path, file), text);
    return build(path);
  };
  const example = (name: string) => readFileSync(join(folder, 'manifests/examples', name), 'utf8');

  it('change in permissions and labels', async () => {
    const labelled = await rename('labels', { 'labels.yaml': example('labels.yaml') });
    const { name } = pick(labelled, 'WaitGroup').metadata;
    expect(name).toBe('dev-imports');
    const label = /"konductor\.io\/(?:counts-for|after)":"([^"]*)"/g;
    const named = [...JSON.stringify(labelled).matchAll(label)].map(([, value]) => value);
    expect(named).toEqual(Array(5).fill(name));
    const { name: nightly, ...template } = { name: 'nightly', ...job.spec.template };
    const cron = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'c' } };
    const group = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: nightly } };
    const spec = { schedule: '0 1 * * *', jobTemplate: { spec: { template } } };
    const built = await rename('cron', { 'nightly.yaml': `${stringify(group)}---\n${stringify({ ...cron, spec })}` });
    expect(pick(built, 'CronJob').spec.jobTemplate.spec.template.metadata.labels).toEqual({
      'konductor.io/waitgroup': 'dev-nightly',
    });
  });

  it('are those to which an account gets permissions, and scripts keep the others', async () => {
    const namespace = await createNamespace(access, 'renamed');
    const images = [{ name: KONCLI_IMAGE.split(':')[0], newName: 'registry.example.com/koncli' }];
    const built = await rename('batch', { 'batch-job.yaml': example('batch-job.yaml') }, { images });
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: built });
    await kubectlOutput(access, ['apply', '--server-side', '-n', namespace, '-f', '-'], { input });
    const account = { namespace, serviceAccount: 'dev-batch-jobs-coordinator' };
    const kubeconfig = await serviceAccountKubeconfig(access, account);
    const can = async (name: string) => {
      const question = ['update', `waitgroups.konductor.io/${name}`, '--subresource=status'];
      return (await kubectl(access, ['auth', 'can-i', ...question], { kubeconfig })).stdout.trim();
    };
    expect([await can('dev-batch-jobs'), await can('batch-jobs')]).toEqual(['yes', 'no']);
    const { containers, volumes } = pick(built, 'Job').spec.template.spec;
    expect(containers[0].command[2]).toContain('koncli waitgroup add batch-jobs --delta 10');
    expect(volumes[0].image.reference).toBe('registry.example.com/koncli:0.1.0');
  });
});
