// Every pod that is shipped or synthesized, in a namespace with the restricted Pod Security Standard, the rules of OpenShift's
// restricted-v2, and a ResourceQuota; and what a LimitRange asks for.
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKoncli, BatchJob, DynamicWorkers, Pipeline, WaitGroup, type Workload } from '@konductor/cdk8s';
import type { Construct } from 'constructs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, synth } from '../../cdk8s/synth.ts';
import { templateOf, workloadNames, workloads } from '../../cdk8s/workloads.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createPod, createStrictNamespace } from '../../support/pods/strict-namespace.ts';
import { helm } from '../../support/processes/helm.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
const CDK8S = join(import.meta.dirname, '../../../cdk8s');
const MANIFESTS = join(CDK8S, 'manifests');

let strict: string;
let restricted: string;

beforeAll(async () => {
  strict = await createStrictNamespace(access);
  restricted = await createStrictNamespace(access, { 'pod-security.kubernetes.io/enforce': 'restricted' });
});

const templatesOf = (objects: readonly Manifest[]) =>
  objects.flatMap((object) => {
    const template = templateOf(object);
    return template ? [{ name: `${object.kind} ${object.metadata.name}`, template }] : [];
  });
const read = (yaml: string): Manifest[] => parseAllDocuments(yaml).map((document) => document.toJS());

const files = globSync('**/*.yaml', { cwd: MANIFESTS }).sort();
const shipped = files.flatMap((path) => templatesOf(read(readFileSync(join(MANIFESTS, path), 'utf8'))));

const group = (scope: Construct) => new WaitGroup(scope, 'Group', { metadata: { name: 'batch' } });
const onEachKind = (name: string, join: (group: WaitGroup, workload: Workload) => void) =>
  workloadNames.flatMap((kind) =>
    templatesOf(synth((scope) => join(group(scope), workloads[kind](scope)))).map(({ template }) => ({
      name: `${name} in a ${kind}`,
      template,
    })),
  );

const pod = { image: 'busybox', resources: { limits: { cpu: '1', memory: '1Gi' } } };
const work = { workers: 2, work: 'true' };
const koncliDelivery = 'initContainer';
const patterns = {
  BatchJob: (scope: Construct) =>
    new BatchJob(scope, 'It', { name: 'a', coordinator: 'b', timeout: '1m', koncliDelivery, ...work, ...pod }),
  DynamicWorkers: (scope: Construct) =>
    new DynamicWorkers(scope, 'It', { name: 'a', worker: 'b', replicas: 1, work: 'true', koncliDelivery, ...pod }),
  Pipeline: (scope: Construct) =>
    new Pipeline(scope, 'It', {
      stages: ['a', 'b'].map((name) => ({ name, ...work })),
      ...{ timeout: '1m', koncliDelivery, ...pod },
    }),
};

const constructs = [
  ...onEachKind('addWorkers', (group, it) => group.addWorkers(it, { unchecked: true })),
  ...onEachKind('addWorkers by init container', (group, it) =>
    group.addWorkers(it, { unchecked: true, koncliDelivery }),
  ),
  ...onEachKind('waitFor', (group, it) => group.waitFor(it)),
  ...onEachKind('addKoncli by init container', (_, it) => addKoncli(it, { delivery: koncliDelivery })),
  ...Object.values(patterns).flatMap((build) => templatesOf(synth(build))),
];

describe('a strict namespace', () => {
  it('is tested with the operators, all examples and all constructs', () => {
    expect([shipped.length, constructs.length]).toEqual([12, 4 * workloadNames.length + 4]);
  });

  it.each([...shipped, ...constructs])('admits the pod of $name', async ({ template }) => {
    expect(await createPod(access, restricted, template)).toBe(undefined);
  });

  it('admits the pod of the chart', async () => {
    const home = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
    try {
      const rendered = templatesOf(
        read(await helm(['template', 'it', join(CDK8S, 'charts/konductor'), '--kube-version', '1.36.3'], { home })),
      );
      expect(rendered.map(({ name }) => name)).toContain('Deployment konductor-operator');
      for (const { template } of rendered) expect(await createPod(access, restricted, template)).toBe(undefined);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});

describe('such a namespace rejects', () => {
  const template = shipped.find(({ name }) => name === 'Deployment konductor-operator')?.template;
  const inPod = (fields: object) => ({ ...template, spec: { ...template.spec, ...fields } });
  const inContext = (fields: object) => inPod({ securityContext: { ...template.spec.securityContext, ...fields } });
  const inContainer = (fields: object) => inPod({ containers: [{ ...template.spec.containers[0], ...fields }] });
  const { securityContext } = template.spec.containers[0];

  it.each([
    ['a user', inContext({ runAsUser: 65532 }), 'a user of the namespace’s own range'],
    ['a container’s user', inContainer({ securityContext: { ...securityContext, runAsUser: 1 } }), 'a user of'],
    ['a group of files', inContext({ fsGroup: 1 }), 'a group of the namespace’s own range'],
    ['an SELinux context', inContext({ seLinuxOptions: { level: 's0' } }), 'the SELinux context of the namespace'],
    ['the host’s network', inPod({ hostNetwork: true }), 'nothing of the host'],
    ['a folder of the host', inPod({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }), 'allowed volumes'],
    ['a container without limits', inContainer({ resources: {} }), 'must specify limits.cpu for: operator'],
    [
      'privileges',
      inContainer({ securityContext: { ...securityContext, allowPrivilegeEscalation: true } }),
      'no privileges',
    ],
  ])('%s', async (_, pod, reason) => {
    expect(await createPod(access, strict, pod)).toContain(reason);
  });
});

describe('a LimitRange with minima and ratios', () => {
  let limited: string;
  beforeAll(async () => {
    limited = await createNamespace(access, 'limited');
    const limits = {
      type: 'Container',
      min: { cpu: '50m', memory: '100Mi' },
      maxLimitRequestRatio: { cpu: '2', memory: '1' },
    };
    const range = {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'range', namespace: limited },
      spec: { limits: [limits] },
    };
    await kubectlOutput(access, ['create', '-f', '-'], { input: JSON.stringify(range) });
  });

  const amounts = (cpu: string) => ({ cpu, memory: '128Mi' });
  const koncliResources = { requests: amounts('50m'), limits: amounts('100m') };
  const own = { containers: [{ name: 'main', image: 'busybox', resources: koncliResources }] };
  /** Only what koncli adds is checked. */
  const podOf = (join: (group: WaitGroup, workload: Workload) => void) => {
    const [{ spec }] = synth((scope) => join(group(scope), workloads.KubeJob(scope))).flatMap(
      (it) => templateOf(it) ?? [],
    );
    return { spec: { ...spec, ...own } };
  };

  it.each([
    ['waitFor', (options: object) => podOf((group, job) => group.waitFor(job, options))],
    ['addWorkers', (options: object) => podOf((group, job) => group.addWorkers(job, { koncliDelivery, ...options }))],
  ])('is satisfied by the resources of %s', async (_, build) => {
    const rejected = await createPod(access, limited, build({}));
    expect(rejected).toContain('minimum cpu usage per Container is 50m, but request is 10m');
    expect(await createPod(access, limited, build({ koncliResources }))).toBe(undefined);
  });
});
