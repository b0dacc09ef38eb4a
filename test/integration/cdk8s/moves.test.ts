// A construct that moves within its app: its objects keep their names and selectors, so that the new manifest can be applied over
// the old one.
import { BatchJob, DynamicWorkers, KonductorOperator, Pipeline, WaitGroup } from '@konductor/cdk8s';
import { Deployment } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { describe, expect, inject, it } from 'vitest';
import { type Manifest, synth } from '../../cdk8s/synth.ts';
import { type WorkloadName, workloads } from '../../cdk8s/workloads.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubectl } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
const image = 'busybox:1.37';
const metadata = { name: 'batch' };

const worker = (name: WorkloadName) => (scope: Construct) => {
  const workload = workloads[name](scope);
  new WaitGroup(scope, 'Group', { metadata }).addWorkers(workload, { unchecked: true });
  new WaitGroup(scope, 'Before', { metadata: { name: 'before' } }).waitFor(workload);
};
/** cdk8s-plus labels their pods with a hash of the path. Without Job, whose pod template is immutable. */
const hashed: WorkloadName[] = ['CronJob', 'Deployment', 'StatefulSet', 'DaemonSet'];

const stages = ['one', 'two'].map((name) => ({ name, workers: 2, work: 'true' }));
const batch = { name: 'batch', coordinator: 'coordinator', workers: 2, work: 'true', timeout: '1m', image };
const dynamic = { name: 'group', worker: 'w', replicas: 2, work: 'true', image };
const unchanging: [string, (scope: Construct) => void][] = [
  ['KubeJob', worker('KubeJob')],
  ['KubeDeployment', worker('KubeDeployment')],
  ['KonductorOperator', (scope) => new KonductorOperator(scope, 'Operator')],
  ['BatchJob', (scope) => new BatchJob(scope, 'Pattern', batch)],
  ['DynamicWorkers', (scope) => new DynamicWorkers(scope, 'Pattern', dynamic)],
  ['Pipeline', (scope) => new Pipeline(scope, 'Pattern', { stages, timeout: '1m', image })],
];

const elsewhere = (build: (scope: Construct) => void) => synth((scope) => build(new Construct(scope, 'Elsewhere')));

/** Without the Service of a StatefulSet, which selects by the hash: the selector of a Service is mutable. */
function identities(manifests: readonly Manifest[]) {
  const compared = manifests.filter(({ kind }) => kind !== 'Service');
  return compared.map(({ kind, metadata, spec, roleRef, subjects }) => ({
    ...{ kind, name: metadata.name, labels: metadata.labels, selector: spec?.selector, roleRef, subjects },
  }));
}

const apply = (manifests: readonly Manifest[], namespace: string) =>
  kubectl(access, ['apply', '--server-side', '-n', namespace, '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
  });

describe.each(hashed)('a moved %s of cdk8s-plus', (name) => {
  const build = worker(name);

  it('has the same names, labels, selectors and permissions', () => {
    expect(identities(elsewhere(build))).toEqual(identities(synth(build)));
  });

  it('can be applied over the old one', async () => {
    const namespace = await createNamespace(access, 'moved');
    for (const manifests of [synth(build), elsewhere(build)])
      expect(await apply(manifests, namespace)).toMatchObject({ code: 0, stderr: '' });
  });
});

it.each(unchanging)('a moved %s is identical', (_, build) => {
  expect(JSON.stringify(elsewhere(build))).toBe(JSON.stringify(synth(build)));
});

it('a Deployment with the default selector of cdk8s-plus cannot be moved, as the guide says', async () => {
  const namespace = await createNamespace(access, 'moved');
  const build = (scope: Construct) => {
    const containers = [{ image, command: ['do'] }];
    new WaitGroup(scope, 'Group', { metadata }).addWorkers(new Deployment(scope, 'D', { metadata, containers }));
  };
  await apply(synth(build), namespace);
  expect((await apply(elsewhere(build), namespace)).stderr).toContain('spec.selector: Invalid value');
});
