// The pods of workers and waiters, admitted by a real API server under the restricted Pod Security Standard. The standard is
// enforced on Pods only, so each Pod is created from its template.
import { addKoncli, WaitGroup, type Workload } from '@konductor/cdk8s';
import type { Construct } from 'constructs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, synth } from '../../cdk8s/synth.ts';
import { templateOf, workloadNames, workloads } from '../../cdk8s/workloads.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubectl } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
const group = (scope: Construct) => new WaitGroup(scope, 'Group', { metadata: { name: 'batch' } });
const asIs = workloadNames.map((name) => ({ name, template: templateFor((scope) => workloads[name](scope)) }));

let namespace: string;

beforeAll(async () => {
  namespace = await createNamespace(access, 'restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});

function templateFor(build: (scope: Construct) => void): Manifest {
  const [template] = synth(build).flatMap((object) => templateOf(object) ?? []);
  return template;
}

const joined = (join: (group: WaitGroup, workload: Workload) => void) =>
  workloadNames.map((name) => templateFor((scope) => join(group(scope), workloads[name](scope))));

function createPods(templates: readonly Manifest[]) {
  const items = templates.map(({ metadata, spec }) => {
    const { labels } = metadata;
    return { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'pod-', namespace, labels }, spec };
  });
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  return kubectl(access, ['create', '-f', '-', '-o', 'yaml'], { input });
}

function waitForLongNames(scope: Construct, workload: Workload): void {
  for (const last of ['x', 'y']) {
    const group = new WaitGroup(scope, last, { metadata: { name: `${'n'.repeat(62)}${last}` } });
    group.waitFor(workload, { imagePullSecrets: ['registry', 'mirror.example.com'] });
  }
}

describe.each<[string, (group: WaitGroup, workload: Workload) => void]>([
  ['workers with an image volume', (waitGroup, workload) => waitGroup.addWorkers(workload, { unchecked: true })],
  [
    'workers with an init container',
    (waitGroup, workload) => waitGroup.addWorkers(workload, { koncliDelivery: 'initContainer', unchecked: true }),
  ],
  ['waiters', (waitGroup, workload) => waitGroup.waitFor(workload)],
  ['waiters of long names, with Secrets for pulling', waitForLongNames],
  ['scripts with an image volume', (_, workload) => addKoncli(workload)],
  ['scripts with an init container', (_, workload) => addKoncli(workload, { delivery: 'initContainer' })],
])('the pods of %s', (_, join) => {
  it('are admitted without a warning, with all their volumes', async () => {
    const templates = joined(join);
    const { stdout, stderr } = await createPods(templates);
    expect(stderr).toBe('');
    const stored: Manifest[] = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(stored).toHaveLength(workloadNames.length);
    expect(stored.map(({ spec }) => spec.volumes)).toEqual(templates.map(({ spec }) => spec.volumes));
  });
});

describe('the same pods as cdk8s-plus renders them', () => {
  it.each(asIs)('are rejected for what addWorkers completes: $name', async ({ template }) => {
    const { stderr } = await createPods([template]);
    expect(stderr).toMatch(/violates PodSecurity "restricted:latest": .*unrestricted capabilities.*seccompProfile/);
  });
});
