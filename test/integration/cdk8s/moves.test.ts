// A construct that moves to another place in its app: everything keeps its name and selects the same, so that the new
// manifest can be applied over the old one.
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
  new WaitGroup(scope, 'Group', { metadata }).addWorkers(workload);
  new WaitGroup(scope, 'Before', { metadata: { name: 'before' } }).waitFor(workload);
};
/** Those of cdk8s-plus label their pods with a hash of the path. Not its Job: nothing of a Job's pods may change. */
const hashed: WorkloadName[] = ['CronJob', 'Deployment', 'StatefulSet', 'DaemonSet'];

const unchanging: [string, (scope: Construct) => void][] = [
  ['KubeJob', worker('KubeJob')],
  ['KubeDeployment', worker('KubeDeployment')],
  ['KonductorOperator', (scope) => new KonductorOperator(scope, 'Operator')],
  [
    'BatchJob',
    (scope) => {
      const props = { name: 'batch', coordinator: 'coordinator', workers: 2, work: 'true', timeout: '1m', image };
      new BatchJob(scope, 'Pattern', props);
    },
  ],
  [
    'DynamicWorkers',
    (scope) => new DynamicWorkers(scope, 'Pattern', { name: 'group', worker: 'w', replicas: 2, work: 'true', image }),
  ],
  [
    'Pipeline',
    (scope) => {
      const stages = ['one', 'two'].map((name) => ({ name, workers: 2, work: 'true' }));
      new Pipeline(scope, 'Pattern', { stages, timeout: '1m', image });
    },
  ],
];

const elsewhere = (build: (scope: Construct) => void) => synth((scope) => build(new Construct(scope, 'Elsewhere')));

/** Of all but the Service of a StatefulSet: cdk8s-plus has it select by the hash, which it may as it can change. */
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

  it('has the same names, labels, selectors and rights', () => {
    expect(identities(elsewhere(build))).toEqual(identities(synth(build)));
  });

  it('is applied over what was there', async () => {
    const namespace = await createNamespace(access, 'moved');
    for (const manifests of [synth(build), elsewhere(build)])
      expect(await apply(manifests, namespace)).toMatchObject({ code: 0, stderr: '' });
  });
});

it.each(unchanging)('a moved %s is the same to the last byte', (_, build) => {
  expect(JSON.stringify(elsewhere(build))).toBe(JSON.stringify(synth(build)));
});

it('a Deployment that is left to cdk8s-plus’s own selector cannot be moved, which the documentation says', async () => {
  const namespace = await createNamespace(access, 'moved');
  const build = (scope: Construct) => {
    const containers = [{ image, command: ['do'] }];
    new WaitGroup(scope, 'Group', { metadata }).addWorkers(new Deployment(scope, 'D', { metadata, containers }));
  };
  await apply(synth(build), namespace);
  expect((await apply(elsewhere(build), namespace)).stderr).toContain('spec.selector: Invalid value');
});
