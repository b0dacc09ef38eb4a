// The sentences with which addWorkers refuses what could not work: each says what to change.
import { WaitGroup, type WaitGroupProps, type WorkerOptions, type Workload } from '@konductor/cdk8s';
import { ApiObject } from 'cdk8s';
import { Job, k8s, Pod, RestartPolicy, Service } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { synth } from '../synth.ts';

const metadata = { name: 'batch' };

const work = (build: (scope: Construct) => Workload, options?: WorkerOptions, props?: WaitGroupProps) =>
  synth((scope) => new WaitGroup(scope, 'Group', { metadata, ...props }).addWorkers(build(scope), options));
const job = (props: object) => (scope: Construct) =>
  new Job(scope, 'Job', { metadata: { name: 'work' }, containers: [{ image: 'busybox', command: ['do'] }], ...props });

describe('addWorkers refuses', () => {
  const several = ['one', 'two'].map((name) => ({ name, image: 'busybox', command: ['do'] }));
  const ofKube = (kind: 'KubeJob' | 'KubeDeployment', spec: Partial<k8s.PodSpec>) => (scope: Construct) => {
    const template = { spec: { containers: [{ name: 'main', command: ['do'] }], ...spec } };
    const selector = { matchLabels: {} };
    return new k8s[kind](scope, kind, { metadata: { name: 'work' }, spec: { selector, template } });
  };
  const refusals: [string, (scope: Construct) => Workload, WorkerOptions, RegExp][] = [
    [
      'an image’s own entry point',
      job({ containers: [{ image: 'busybox' }] }),
      {},
      /^Job work \(test\/Job\/Resource\): runs the entry point of its image, .*: give container "main" or addWorkers a command$/,
    ],
    ['an empty command', job({}), { command: [] }, / give container "main" or addWorkers a command$/],
    ['an image of koncli that is none', job({}), { koncliImage: '' }, /: koncliImage is empty: say which$/],
    [
      'to choose a container',
      job({ containers: several }),
      {},
      / \(one, two\): name the one that works in "container"$/,
    ],
    [
      'a container that is not there',
      job({ containers: several }),
      { container: 'x' },
      /"container" is one of one, two$/,
    ],
    [
      'a Pod that starts over',
      (scope) => new Pod(scope, 'Pod', { containers: [{ image: 'busybox', command: ['do'] }] }),
      {},
      /starts over when its work is done, and adds again: make its restart policy Never or OnFailure$/,
    ],
    [
      'a Job that always restarts',
      job({ restartPolicy: RestartPolicy.ALWAYS }),
      {},
      /has the restart policy Always, which no Job may have: make it Never or OnFailure$/,
    ],
    ['a Job without restart policy', ofKube('KubeJob', {}), {}, /the restart policy Always, which no Job may have/],
    [
      'a Deployment that does not restart',
      ofKube('KubeDeployment', { restartPolicy: 'Never' }),
      {},
      /has the restart policy Never, which no Deployment may have: make it Always$/,
    ],
    [
      'another volume of that name',
      ofKube('KubeJob', { restartPolicy: 'Never', volumes: [{ name: 'konductor', emptyDir: {} }] }),
      {},
      /has a volume named "konductor", which is koncli's: give it another name$/,
    ],
    [
      'another mount at that path',
      ofKube('KubeJob', {
        restartPolicy: 'Never',
        containers: [{ name: 'main', command: ['do'], volumeMounts: [{ name: 'x', mountPath: '/konductor/' }] }],
      }),
      {},
      /mounts x at \/konductor\/, where koncli goes: mount it elsewhere$/,
    ],
    [
      'a mount below that path, which is read-only',
      ofKube('KubeJob', {
        restartPolicy: 'Never',
        containers: [{ name: 'main', command: ['do'], volumeMounts: [{ name: 'x', mountPath: '/konductor/x' }] }],
      }),
      {},
      /mounts x at \/konductor\/x, where koncli goes: mount it elsewhere$/,
    ],
    [
      'a pod on Windows',
      ofKube('KubeJob', { restartPolicy: 'Never', nodeSelector: { 'kubernetes.io/os': 'windows' } }),
      {},
      /^Job work \(test\/KubeJob\): runs on Windows, for which there is no koncli: have a pod on Linux count for it$/,
    ],
    [
      'a pod that says it is of Windows',
      ofKube('KubeJob', { restartPolicy: 'Never', os: { name: 'windows' } }),
      {},
      /: runs on Windows, for which there is no koncli/,
    ],
    ['a pod without containers', ofKube('KubeJob', { containers: [] }), {}, /has no containers: give it one at least$/],
    [
      'a Job without a spec',
      (scope) => new k8s.KubeJob(scope, 'Job', { metadata: { name: 'work' } }),
      {},
      /^Job work \(test\/Job\): has no containers: give it one at least$/,
    ],
    [
      'a delivery that there is not',
      job({}),
      { koncliDelivery: 'sidecar' as 'imageVolume' },
      /: koncliDelivery is "sidecar": write imageVolume or initContainer$/,
    ],
    [
      'what has no pods',
      (scope) => ApiObject.of(new Service(scope, 'Service', { metadata, ports: [{ port: 80 }] })),
      {},
      /^Service batch \(test\/Service\/Resource\): has no pods to count: give a Pod, Job, CronJob, /,
    ],
  ];

  it.each(refusals)('%s', (_, build, options, message) => {
    expect(() => work(build, options)).toThrow(message);
  });

  it('a workload in another namespace than the group', () => {
    const build = () =>
      work(
        job({ metadata: { name: 'work', namespace: 'here' } }),
        {},
        { metadata: { ...metadata, namespace: 'there' } },
      );
    expect(build).toThrow(
      /^Job work \(.*\): is in namespace here, WaitGroup batch in namespace there: pods count in their own, so give both the same$/,
    );
  });

  const twice = (act: (group: WaitGroup, workload: Workload, other: WaitGroup) => void) => () =>
    synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata });
      act(group, job({})(scope), new WaitGroup(scope, 'Other', { metadata: { name: 'other' } }));
    });

  it('a workload that waits for the group it works for, whichever comes first', () => {
    const message = /would wait for WaitGroup batch, which waits for it: use addWorkers or waitFor, not both$/;
    const act = (group: WaitGroup, workload: Workload) => group.addWorkers(workload);
    expect(twice((group, workload) => [group.waitFor(workload), act(group, workload)])).toThrow(message);
    expect(twice((group, workload) => [act(group, workload), group.waitFor(workload)])).toThrow(message);
  });

  it('a workload that works already, for this group or another', () => {
    expect(twice((group, job) => [group.addWorkers(job), group.addWorkers(job)])).toThrow(/already: say so once$/);
    expect(twice((group, job, other) => [group.addWorkers(job), other.addWorkers(job)])).toThrow(
      /works for WaitGroup batch already, and a pod works for one: make two workloads of it$/,
    );
  });
});
