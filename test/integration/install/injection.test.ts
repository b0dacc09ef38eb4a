// What injection.yaml changes in pods, by the admission of a real API server.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KonductorInjection, WaitGroup } from '@konductor/cdk8s';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { restrictedContainer, restrictedPod } from '../../../cdk8s/src/workloads/pod-security.ts';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { templateOf, workloads } from '../../cdk8s/workloads.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createStrictNamespace } from '../../support/pods/strict-namespace.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { a, cases, LABEL, MOUNT, VARIABLE, VOLUME } from './injection-cases.ts';

const MANIFESTS = join(import.meta.dirname, '../../../cdk8s/manifests');
const MANIFEST = join(MANIFESTS, 'injection.yaml');
const access = inject('controlPlane');

let namespace: string;

beforeAll(async () => {
  namespace = await createNamespace(access, 'injection');
  const apply = ['apply', '--server-side', '--force-conflicts', '-f', MANIFEST];
  // Other test files may apply it at the same time.
  await eventually('the installation', () => kubectlOutput(access, apply));
  const isActive = async () => (await admit({ containers: [a] })).volumes !== undefined;
  await eventually('the policy’s effect', isActive);
});

const podOf = (spec: object, metadata: object = { labels: LABEL }) =>
  JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'pod-', namespace, ...metadata }, spec },
  });

/** The compared part of the spec that would be stored. */
async function admit(spec: object, metadata?: object): Promise<Manifest> {
  const input = podOf(spec, metadata);
  const pod = await kubectlJson<Manifest>(access, ['create', '--dry-run=server', '-f', '-'], { input });
  const { volumes, containers, initContainers } = pod.spec;
  return { volumes, containers: containers.map(partOf), initContainers: initContainers?.map(partOf) };
}

const partOf = ({ name, env, volumeMounts }: Manifest) => ({ name, env, volumeMounts });

describe('a labelled pod', () => {
  it.each(cases)('$title', async ({ spec, stored }) => {
    expect(await admit(spec)).toMatchObject(stored);
  });

  const deliveries = ['imageVolume', 'initContainer'] as const;
  it.each(deliveries)('of addWorkers with an %s gets only the variable', async (koncliDelivery) => {
    const manifests = synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata: { name: 'batch' } });
      group.addWorkers(workloads.Job(scope), { koncliDelivery });
    });
    const { metadata, spec } = templateOf(pick(manifests, 'Job')) as Manifest;
    const named = (container: Manifest) => ({ ...partOf(container), env: [...(container.env ?? []), VARIABLE] });
    expect(await admit(spec, metadata)).toEqual({
      volumes: spec.volumes,
      containers: spec.containers.map(named),
      initContainers: spec.initContainers?.map(named),
    });
  });

  it.each(['Not.A_Name', ''])('with the invalid name "%s" gets koncli, which reports it', async (value) => {
    const { containers } = await admit({ containers: [a] }, { labels: { 'konductor.io/waitgroup': value } });
    const env = [{ name: VARIABLE.name, ...(value && { value }) }];
    expect(containers).toEqual([{ name: 'a', env, volumeMounts: [MOUNT] }]);
  });

  it.each(['--server-side', '--server-side=false'])('is not changed by the second kubectl apply %s', async (mode) => {
    const input = podOf({ containers: [a] }, { name: `pod${mode.length}`, labels: LABEL });
    const apply = () => kubectlJson<Manifest>(access, ['apply', mode, '-f', '-'], { input });
    const { metadata, spec } = await apply();
    expect(spec.volumes).toEqual([VOLUME]);
    expect((await apply()).metadata.resourceVersion).toBe(metadata.resourceVersion);
    // Recreated from the stored spec.
    expect(await admit(spec)).toMatchObject({ volumes: spec.volumes, containers: spec.containers.map(partOf) });
  });
});

describe('a labelled pod in a strict namespace', () => {
  it('is admitted as before, and its debug container is not changed', async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    const restricted = await createStrictNamespace(access, labels);
    const resources = { limits: { cpu: '1', memory: '1Gi' } };
    const container = { ...a, resources, securityContext: restrictedContainer() };
    const securityContext = restrictedPod();
    const metadata = { name: 'pod', namespace: restricted, labels: LABEL };
    const input = podOf({ securityContext, containers: [container] }, metadata);
    expect(await kubectl(access, ['create', '-f', '-'], { input })).toMatchObject({ code: 0, stderr: '' });
    const inNamespace = ['pod', '-n', restricted];
    await kubectlOutput(access, ['debug', ...inNamespace, '--image=busybox', '-c=debugger', '--profile=restricted']);
    const { spec } = await kubectlJson<Manifest>(access, ['get', 'pod', ...inNamespace]);
    expect(spec.volumes).toEqual([VOLUME]);
    expect(spec.ephemeralContainers.map(partOf)).toEqual([{ name: 'debugger' }]);
  });
});

describe('a pod that is not changed', () => {
  it.each([
    ['has no label', { labels: { app: 'a' } }],
    ['has no labels', {}],
    ['is in kube-system', { labels: LABEL, namespace: 'kube-system' }],
    ['mirrors a static one', { labels: LABEL, annotations: { 'kubernetes.io/config.mirror': 'x' } }],
  ])('%s', async (_, metadata) => {
    expect(await admit({ nodeName: 'node', containers: [a] }, metadata)).toEqual({ containers: [{ name: 'a' }] });
  });

  it.each([{ os: { name: 'windows' } }, { nodeSelector: { 'kubernetes.io/os': 'windows' } }])(
    'runs on Windows: %j',
    async (spec) => {
      expect(await admit({ ...spec, containers: [a] })).toEqual({ containers: [{ name: 'a' }] });
    },
  );

  it.each([
    { os: { name: 'linux' } },
    { nodeSelector: { 'kubernetes.io/os': 'linux' } },
    { nodeSelector: { disk: 'ssd' } },
  ])('does not run on Linux, unlike %j', async (spec) => {
    expect((await admit({ ...spec, containers: [a] })).volumes).toEqual([VOLUME]);
  });
});

describe('a policy with Secrets for pulling', () => {
  const label = 'konductor.io/pulled';
  const named = (...names: string[]) => names.map((name) => ({ name }));
  const secretsOf = async (spec: object, labels: object = { [label]: 'batch' }): Promise<unknown> => {
    const input = podOf(spec, { labels });
    const pod = await kubectlJson<Manifest>(access, ['create', '--dry-run=server', '-f', '-'], { input });
    return pod.spec.imagePullSecrets;
  };

  beforeAll(async () => {
    const manifests = synth(
      (scope) => new KonductorInjection(scope, 'Injection', { imagePullSecrets: ['registry', 'mirror', 'registry'] }),
    );
    // In addition to the shipped policy, for other pods.
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests })
      .replaceAll('konductor.io/waitgroup', label)
      .replaceAll('"koncli.konductor.io"', '"koncli-pulled.konductor.io"');
    await kubectlOutput(access, ['apply', '--server-side', '-f', '-'], { input });
    const isActive = async () => (await secretsOf({ containers: [a] })) !== undefined;
    await eventually('the policy’s effect', isActive, { timeoutMs: 30_000 });
  });

  it('adds them to those of the pods that get koncli', async () => {
    expect(await secretsOf({ containers: [a] })).toEqual(named('registry', 'mirror'));
    const own = { containers: [a], imagePullSecrets: named('own', 'mirror') };
    expect(await secretsOf(own)).toEqual(named('own', 'mirror', 'registry'));
  });

  it('does not add them to pods with the volume, with another label, or of the shipped policy', async () => {
    expect(await secretsOf({ containers: [a], volumes: [VOLUME] })).toBe(undefined);
    expect(await secretsOf({ containers: [a] }, { app: 'a' })).toBe(undefined);
    expect(await secretsOf({ containers: [a] }, LABEL)).toBe(undefined);
  });
});

it('is not part of install.yaml, which supports older clusters', () => {
  expect(readFileSync(join(MANIFESTS, 'install.yaml'), 'utf8')).not.toContain('MutatingAdmissionPolicy');
  expect(readFileSync(MANIFEST, 'utf8')).toContain('kind: MutatingAdmissionPolicy\n');
});
