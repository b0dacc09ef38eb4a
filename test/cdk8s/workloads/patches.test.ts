// JSON patches of users apply to what koncli adds as they do to what users wrote.
import { WaitGroup } from '@konductor/cdk8s';
import { ApiObject, JsonPatch } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';
import { kindOf, templateOf, type WorkloadName, workloadNames, workloads } from '../workloads.ts';

const TEMPLATES: Readonly<Record<string, string>> = { Pod: '', CronJob: '/spec/jobTemplate/spec/template' };
const podPath = (name: WorkloadName) => `${TEMPLATES[kindOf(name)] ?? '/spec/template'}/spec`;

/** The pod of a waiter and worker whose patches were added before or after koncli. */
function patchedPod(name: WorkloadName, when: 'before' | 'after', ...patches: JsonPatch[]): Manifest {
  const manifests = synth((scope) => {
    const group = new WaitGroup(scope, 'Group', { metadata: { name: 'batch' } });
    const workload = workloads[name](scope);
    const object = ApiObject.of(workload);
    const patch = () => object.addJsonPatch(...patches);
    if (when === 'before') patch();
    WaitGroup.fromName(scope, 'First', 'first').waitFor(workload);
    group.addWorkers(workload, { unchecked: true });
    if (when === 'after') patch();
    // Rendering twice changes nothing.
    expect(object.toJson()).toEqual(object.toJson());
  });
  return templateOf(pick(manifests, kindOf(name), 'work'))?.spec;
}

describe.each(workloadNames)('JSON patches of a %s', (name) => {
  it.each(['before', 'after'] as const)('apply to what koncli adds, if they are added %s it', (when) => {
    const at = (path: string) => `${podPath(name)}/${path}`;
    const resources = { limits: { cpu: '50m', memory: '256Mi' } };
    const pod = patchedPod(
      name,
      when,
      JsonPatch.add(at('initContainers/0/resources'), resources),
      JsonPatch.add(at('initContainers/0/securityContext/runAsUser'), 1000),
      JsonPatch.add(at('volumes/-'), { name: 'more', emptyDir: {} }),
      JsonPatch.replace(at('containers/0/command/3'), 'other'),
      // A field that Kubernetes 1.27 did not have.
      JsonPatch.add(at('resources'), { limits: { cpu: '1' } }),
    );
    expect(pod.initContainers[0]).toMatchObject({ name: 'wait-for-first', resources });
    expect(pod.initContainers[0].securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(pod.volumes.map((volume: Manifest) => volume.name)).toEqual(['konductor', 'more']);
    expect(pod.containers[0].command.slice(0, 4)).toEqual(['/konductor/koncli', 'waitgroup', 'run', 'other']);
    expect(pod.resources).toEqual({ limits: { cpu: '1' } });
  });
});

it('a patch changes one workload only', () => {
  const [first, second] = synth((scope) => {
    const group = WaitGroup.fromName(scope, 'Group', 'batch');
    for (const id of ['a', 'b']) {
      const pod = new ApiObject(scope, id, {
        apiVersion: 'v1',
        kind: 'Pod',
        ...{
          metadata: { name: id },
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', command: ['work'] }] },
        },
      });
      group.waitFor(pod);
      if (id === 'a') pod.addJsonPatch(JsonPatch.replace('/spec/initContainers/0/resources/limits/memory', '1Gi'));
    }
  }).filter(({ kind }) => kind === 'Pod');
  expect(first.spec.initContainers[0].resources.limits.memory).toBe('1Gi');
  expect(second.spec.initContainers[0].resources.limits.memory).toBe('128Mi');
});

it('a patch that cannot be applied names the workload', () => {
  expect(() =>
    synth((scope) => {
      const job = workloads.Job(scope);
      WaitGroup.fromName(scope, 'Group', 'batch').waitFor(job);
      ApiObject.of(job).addJsonPatch(JsonPatch.add('/spec/nothing/here', 1));
    }),
  ).toThrow(/^Job work \(test\/Workload\/Resource\): /);
});
