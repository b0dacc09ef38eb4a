// What count and waitFor by label synthesize, on a real API server: it stores each workload as it is rendered.
import { type WaiterOptions, WaitGroup } from '@konductor/cdk8s';
import { expect, inject, it } from 'vitest';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { kindOf, templateOf, type WorkloadName, workloadNames, workloads } from '../../cdk8s/workloads.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
const JOBS: WorkloadName[] = ['Job', 'CronJob', 'KubeJob'];

/** A workload of each kind that is counted for one WaitGroup and waits for another one. */
function labelled(name: WorkloadName, by: WaiterOptions['by'] & ('suspend' | 'gate')): Manifest {
  const manifests = synth((scope) => {
    const workload = workloads[name](scope);
    if (JOBS.includes(name)) WaitGroup.fromName(scope, 'Counts', 'counts').count(workload, { add: false });
    const options = { by, minAdded: 3, onFailure: 'release', onMissing: 'release' } as const;
    WaitGroup.fromName(scope, 'After', 'after').waitFor(workload, options);
  });
  return pick(manifests, kindOf(name), 'work');
}

/** Applies one object, and returns it as it is stored. */
async function apply(object: Manifest): Promise<Manifest> {
  const namespace = await createNamespace(access, 'labels');
  const command = ['apply', '--server-side', '-n', namespace, '-f', '-', '-o', 'json'];
  return JSON.parse(await kubectlOutput(access, command, { input: JSON.stringify(object) }));
}

const jobOf = (object: Manifest) => (object.kind === 'CronJob' ? object.spec.jobTemplate : object);
const AFTER = 'konductor.io/after';
const annotations = {
  ...{ 'konductor.io/min-added': '3', 'konductor.io/on-failure': 'release', 'konductor.io/on-missing': 'release' },
};

it.each(JOBS)('a %s that is counted and suspended is stored as it is rendered', async (name) => {
  const stored = jobOf(await apply(labelled(name, 'suspend')));
  expect(stored.metadata.labels).toMatchObject({ 'konductor.io/counts-for': 'counts', [AFTER]: 'after' });
  expect(stored.metadata.annotations).toMatchObject({ ...annotations, 'konductor.io/add': 'false' });
  expect(stored.spec.suspend).toBe(true);
});

it.each(workloadNames)('the pods of a %s that are gated are stored as they are rendered', async (name) => {
  const stored = templateOf(await apply(labelled(name, 'gate')));
  expect(stored.metadata.labels).toMatchObject({ [AFTER]: 'after' });
  expect(stored.metadata.annotations).toMatchObject(annotations);
  expect(stored.spec.schedulingGates).toEqual([{ name: AFTER }]);
});

it('a Pod with a gate and a node is rejected, which waitFor by gate therefore rejects', async () => {
  const { spec, ...pod } = labelled('Pod', 'gate');
  await expect(apply({ ...pod, spec: { ...spec, nodeName: 'one' } })).rejects.toThrow(
    /nodeName: Forbidden: cannot be set until all schedulingGates/,
  );
});
