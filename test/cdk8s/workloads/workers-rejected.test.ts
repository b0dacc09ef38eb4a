// The errors of addWorkers for workloads that could not work: each says what to change.
import { WaitGroup, type WaitGroupProps, type WorkerOptions, type Workload } from '@konductor/cdk8s';
import { ApiObject } from 'cdk8s';
import { Job, k8s, Pod, RestartPolicy, Service } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { expect, it } from 'vitest';
import { synth } from '../synth.ts';

const metadata = { name: 'batch' };

const work = (build: (scope: Construct) => Workload, options?: WorkerOptions, props?: WaitGroupProps) =>
  synth((scope) => new WaitGroup(scope, 'Group', { metadata, ...props }).addWorkers(build(scope), options));
const job = (props: object) => (scope: Construct) =>
  new Job(scope, 'Job', { metadata: { name: 'work' }, containers: [{ image: 'busybox', command: ['do'] }], ...props });
const two = job({ containers: ['one', 'two'].map((name) => ({ name, image: 'busybox', command: ['do'] })) });
const kube = (kind: 'KubeJob' | 'KubeDeployment', spec: Partial<k8s.PodSpec>) => (scope: Construct) => {
  const template = { spec: { containers: [{ name: 'main', command: ['do'] }], ...spec } };
  const selector = { matchLabels: {} };
  return new k8s[kind](scope, kind, { metadata: { name: 'work' }, spec: { selector, template } });
};
const kubeJob = (spec: Partial<k8s.PodSpec>) => kube('KubeJob', { restartPolicy: 'Never', ...spec });
const mounted = (mountPath: string) =>
  kubeJob({ containers: [{ name: 'main', command: ['do'], volumeMounts: [{ name: 'x', mountPath }] }] });

const WINDOWS = 'runs on Windows, where koncli is not available; count its work from a pod on Linux';
const MOUNT = 'is reserved for koncli; change it';
const NO_COMMAND =
  'container "main" has no command, and the entrypoint of its image is not known here; set its command, or pass one to addWorkers';

it.each<[string, (scope: Construct) => Workload, WorkerOptions, string]>([
  ['an image with its own entrypoint', job({ containers: [{ image: 'busybox' }] }), {}, NO_COMMAND],
  ['an empty command', job({}), { command: [] }, NO_COMMAND],
  ['an invalid image', job({}), { koncliImage: '' }, 'koncliImage "" is not an image reference; write it like '],
  ['several containers', two, {}, 'has several containers; set "container" to one of one, two'],
  [
    'a container that does not exist',
    two,
    { container: 'x' },
    'has no container "x"; set "container" to one of one, two',
  ],
  [
    'a Pod that restarts',
    (scope) =>
      new Pod(scope, 'Pod', { metadata: { name: 'work' }, containers: [{ image: 'busybox', command: ['do'] }] }),
    {},
    'restart policy Always would run its work again and again; use Never or OnFailure',
  ],
  [
    'a Job that always restarts',
    job({ restartPolicy: RestartPolicy.ALWAYS }),
    {},
    'restart policy Always is not allowed for a Job; use Never or OnFailure',
  ],
  ['a Job without a restart policy', kube('KubeJob', {}), {}, 'restart policy Always is not allowed for a Job; use '],
  [
    'a Deployment that does not restart',
    kube('KubeDeployment', { restartPolicy: 'Never' }),
    {},
    'restart policy Never is not allowed for a Deployment; use Always',
  ],
  [
    'another volume named konductor',
    kubeJob({ volumes: [{ name: 'konductor', emptyDir: {} }] }),
    {},
    'volume name "konductor" is reserved for koncli; rename it',
  ],
  ['a mount at /konductor', mounted('/konductor/'), {}, `mount path /konductor/ of volume x ${MOUNT}`],
  ['a mount below /konductor', mounted('/konductor/x'), {}, `mount path /konductor/x of volume x ${MOUNT}`],
  ['nodes with Windows', kubeJob({ nodeSelector: { 'kubernetes.io/os': 'windows' } }), {}, WINDOWS],
  ['a pod for Windows', kubeJob({ os: { name: 'windows' } }), {}, WINDOWS],
  ['a pod without containers', kubeJob({ containers: [] }), {}, 'has no containers; add at least one'],
  [
    'a Job without a spec',
    (scope) => new k8s.KubeJob(scope, 'Job', { metadata: { name: 'work' } }),
    {},
    'has no containers; add at least one',
  ],
  [
    'an object without pods',
    (scope) => ApiObject.of(new Service(scope, 'Service', { metadata: { name: 'work' }, ports: [{ port: 80 }] })),
    {},
    'has no pods; use one of Pod, Job, CronJob, Deployment, StatefulSet, DaemonSet',
  ],
])('rejects %s', (_, build, options, sentence) => {
  expect(() => work(build, options)).toThrow(new RegExp(`^\\w+ work \\(test/\\w+(/Resource)?\\): ${sentence}`));
});

it('rejects a workload in another namespace', () => {
  const build = job({ metadata: { name: 'work', namespace: 'here' } });
  expect(() => work(build, {}, { metadata: { ...metadata, namespace: 'there' } })).toThrow(
    /^Job work \(.*\): is in namespace here, but WaitGroup batch is in namespace there; put both in the same namespace$/,
  );
});

const BOTH = 'would work for WaitGroup batch and wait for it; use either addWorkers or waitFor';

it.each<[string, (group: WaitGroup, job: Workload, other: WaitGroup) => void, string]>([
  ['waits first', (group, job) => [group.waitFor(job), group.addWorkers(job)], BOTH],
  ['works first', (group, job) => [group.addWorkers(job), group.waitFor(job)], BOTH],
  [
    'works twice',
    (group, job) => [group.addWorkers(job), group.addWorkers(job)],
    'is already a worker of WaitGroup batch; add it only once',
  ],
  [
    'waits twice',
    (group, job) => [group.waitFor(job), group.waitFor(job)],
    'is already a waiter of WaitGroup batch; add it only once',
  ],
  [
    'works for another WaitGroup',
    (group, job, other) => [group.addWorkers(job), other.addWorkers(job)],
    'is already a worker of WaitGroup batch, and a pod can work for only one; use two workloads',
  ],
])('rejects a workload that %s', (_, act, sentence) => {
  const build = () =>
    synth((scope) => {
      const group = new WaitGroup(scope, 'Group', { metadata });
      act(group, job({})(scope), new WaitGroup(scope, 'Other', { metadata: { name: 'other' } }));
    });
  expect(build).toThrow(`Job work (test/Job/Resource): ${sentence}`);
});
