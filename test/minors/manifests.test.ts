// The shipped manifests on another minor version of Kubernetes than the project's own: what it takes, and what it says of the rest.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { KonductorHold, WaitGroup } from '@konductor/cdk8s';
import { beforeAll, expect, inject, it } from 'vitest';
import { type Manifest, synth } from '../cdk8s/synth.ts';
import { templateOf, workloads } from '../cdk8s/workloads.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../support/processes/kubectl.ts';

const access = inject('controlPlane');
const MANIFESTS = join(import.meta.dirname, '../../cdk8s/manifests');
const { KONDUCTOR_KUBERNETES_MINOR = '1.36' } = process.env;
/** MutatingAdmissionPolicy is part of admissionregistration.k8s.io/v1 since then. */
const mutates = Number(KONDUCTOR_KUBERNETES_MINOR.split('.')[1]) >= 36;
const NEEDS_1_36 = ['hold.yaml', 'injection.yaml'];

let namespace: string;

beforeAll(async () => {
  namespace = await createNamespace(access, 'minors', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});

const apply = (path: string) =>
  kubectl(access, ['apply', '--server-side', '--force-conflicts', '-n', namespace, '-f', join(MANIFESTS, path)]);

it('is tested with the version that is asked for', async () => {
  const { serverVersion } = await kubectlJson<{ serverVersion: { gitVersion: string } }>(access, [
    'version',
    '-o',
    'json',
  ]);
  expect(serverVersion.gitVersion).toMatch(`v${KONDUCTOR_KUBERNETES_MINOR}.`);
});

const files = ['crd.yaml', 'user-roles.yaml', ...globSync('examples/*.yaml', { cwd: MANIFESTS }).sort()];
it.each([...files, 'install-namespace.yaml', 'hold-namespace.yaml'])('takes %s', async (path) => {
  expect(await apply(path)).toMatchObject({ code: 0, stderr: '' });
});

it('takes install.yaml', async () => {
  const { code, stderr } = await kubectl(access, [
    'apply',
    '--server-side',
    '--force-conflicts',
    '-f',
    join(MANIFESTS, 'install.yaml'),
  ]);
  expect([code, stderr]).toEqual([0, '']);
});

// The rest of the file is applied: on an older server, that is all that is needed of hold.yaml.
it.each(NEEDS_1_36)(`${mutates ? 'takes' : 'misses a kind for'} %s`, async (path) => {
  const { code, stderr } = await kubectl(access, ['apply', '--server-side', '-f', join(MANIFESTS, path)]);
  const missing = 'no matches for kind "MutatingAdmissionPolicy" in version "admissionregistration.k8s.io/v1"';
  expect(code).toBe(mutates ? 0 : 1);
  if (mutates) expect(stderr).toBe('');
  else expect(stderr).toContain(missing);
  const applied = ['get', 'validatingadmissionpolicy', 'hold.konductor.io'];
  if (path === 'hold.yaml') expect(await kubectl(access, applied)).toMatchObject({ code: 0 });
});

it('takes what lets held workloads go without the policies that hold them', async () => {
  const items = synth((scope) => new KonductorHold(scope, 'Hold', { mutate: false }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '--server-side', '-f', '-', '--dry-run=server'], { input });
});

it.each(['imageVolume', 'initContainer'] as const)(
  'keeps the pod of a worker that gets koncli by %s',
  async (delivery) => {
    const [pod] = synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata: { name: 'batch' } });
      group.addWorkers(workloads.Job(scope), { koncliDelivery: delivery });
    }).flatMap((object: Manifest) => templateOf(object) ?? []);
    const input = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod,
      metadata: { name: delivery.toLowerCase(), namespace },
    });
    const stored = await kubectlJson<Manifest>(access, ['create', '--dry-run=server', '-f', '-'], { input });
    expect(stored.spec.volumes).toEqual(pod.spec.volumes);
  },
);
