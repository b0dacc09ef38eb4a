import { KONCLI_IMAGE, WaitGroup, type WaitGroupProps, type WorkerOptions, type Workload } from '@konductor/cdk8s';
import { ApiObject } from 'cdk8s';
import { Job, k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';
import { kindOf, templateOf, workloadNames, workloads } from '../workloads.ts';

const RUN = ['/konductor/koncli', 'waitgroup', 'run', 'batch'];
const MOUNT = { name: 'konductor', mountPath: '/konductor', readOnly: true };
const metadata = { name: 'batch' };

const work = (build: (scope: Construct) => Workload, options?: WorkerOptions, props?: WaitGroupProps) =>
  synth((scope) => {
    // The WaitGroup comes last, so that the order of the rendered objects is not that of the constructs.
    const workload = build(scope);
    new WaitGroup(scope, 'Group', { metadata, ...props }).addWorkers(workload, options);
  });
const podOf = (manifests: Manifest[], kind = 'Job') => templateOf(pick(manifests, kind)).spec;
const job = (props: object) => (scope: Construct) =>
  new Job(scope, 'Job', { metadata: { name: 'work' }, containers: [{ image: 'busybox', command: ['do'] }], ...props });
const kubeJob = (spec: k8s.PodSpec) => (scope: Construct) =>
  new k8s.KubeJob(scope, 'Job', { spec: { parallelism: 5, template: { spec: { restartPolicy: 'Never', ...spec } } } });

describe.each(workloadNames)('addWorkers to a %s', (name) => {
  const manifests = work(workloads[name], { unchecked: true });
  const workload = pick(manifests, kindOf(name), 'work');
  const template = templateOf(workload);

  it('wraps the command in koncli waitgroup run', () => {
    expect(template.spec.containers[0].command).toEqual([...RUN, '--', 'do-work', '--all']);
  });

  it('mounts koncli from its own image, and does not change the PATH', () => {
    expect(template.spec.volumes).toEqual([
      { name: 'konductor', image: { reference: KONCLI_IMAGE, pullPolicy: 'IfNotPresent' } },
    ]);
    const [container] = template.spec.containers;
    expect(container.volumeMounts).toEqual([{ ...MOUNT, subPath: 'konductor' }]);
    expect(container.env).toBeUndefined();
  });

  it('labels the workload, its pods and its Jobs with the WaitGroup', () => {
    const label = { 'konductor.io/waitgroup': 'batch' };
    const jobs = workload.spec.jobTemplate ?? workload;
    for (const owner of [workload, template, jobs]) expect(owner.metadata.labels).toMatchObject(label);
  });

  it('grants its account the permissions of a worker, and mounts its token', () => {
    const account = name.startsWith('Kube') ? 'own' : 'work';
    expect(template.spec).toMatchObject({ serviceAccountName: account, automountServiceAccountToken: true });
    expect(pick(manifests, 'RoleBinding')).toMatchObject({
      roleRef: { name: 'batch-worker' },
      subjects: [{ kind: 'ServiceAccount', name: account }],
    });
    expect(manifests.filter(({ kind }) => kind === 'ServiceAccount')).toHaveLength(account === 'own' ? 0 : 1);
  });

  it('is applied after the WaitGroup and the permissions', () => {
    expect(manifests.at(-1)).toBe(workload);
  });
});

describe('addWorkers', () => {
  it('keeps arguments, mounts, and fields of the Job that cdk8s-plus does not have', () => {
    const volumeMounts = [{ name: 'data', mountPath: '/data' }];
    const container = { name: 'main', command: ['do'], args: ['--fast'], volumeMounts };
    const manifests = work(kubeJob({ containers: [container], volumes: [{ name: 'data', emptyDir: {} }] }));
    const { containers, volumes } = podOf(manifests);
    expect(pick(manifests, 'Job').spec.parallelism).toBe(5);
    expect(containers[0]).toMatchObject({ command: [...RUN, '--', 'do'], args: ['--fast'] });
    expect(containers[0].volumeMounts.map(({ name }: Manifest) => name)).toEqual(['data', 'konductor']);
    expect(volumes.map(({ name }: Manifest) => name)).toEqual(['data', 'konductor']);
  });

  it('wraps only the container that is named', () => {
    const containers = ['one', 'two'].map((name) => ({ name, image: 'busybox', command: [name] }));
    const pod = podOf(work(job({ containers }), { container: 'two' }));
    expect(pod.containers.map(({ command }: Manifest) => command)).toEqual([['one'], [...RUN, '--', 'two']]);
    expect(pod.containers[0].volumeMounts).toBeUndefined();
  });

  it('wraps a container that is added later', () => {
    const manifests = synth((scope) => {
      const later = job({ containers: [] })(scope);
      new WaitGroup(scope, 'Group', { metadata }).addWorkers(later);
      later.addContainer({ image: 'busybox', command: ['late'] });
    });
    expect(podOf(manifests).containers[0].command).toEqual([...RUN, '--', 'late']);
  });

  it('takes the command for an image with an entrypoint of its own', () => {
    const containers = [{ image: 'busybox', args: ['--fast'] }];
    const [container] = podOf(work(job({ containers }), { command: ['/entrypoint'] })).containers;
    expect(container).toMatchObject({ command: [...RUN, '--', '/entrypoint'], args: ['--fast'] });
  });

  it.each<[string, WaitGroupProps, WorkerOptions, string[]]>([
    ['adds for each pod', {}, {}, []],
    ['does not add if the WaitGroup has an initialCount', { initialCount: 1 }, {}, ['--no-add']],
    ['does not add if add is false', {}, { add: false }, ['--no-add']],
    ['adds if add is true, despite an initialCount', { initialCount: 3 }, { add: true }, []],
    ['keeps failed work outstanding if told so', {}, { onFailure: 'keep' }, []],
    ['fails the WaitGroup with its command', {}, { onFailure: 'fail' }, ['--on-failure=fail']],
    [
      'fails the WaitGroup with counted work',
      {},
      { add: false, onFailure: 'fail', unchecked: true },
      ['--no-add', '--on-failure=fail'],
    ],
  ])('%s', (_, props, options, flags) => {
    const [container] = podOf(work(job({}), options, props)).containers;
    expect(container.command).toEqual([...RUN, ...flags, '--', 'do']);
  });

  it('copies koncli with an init container, before all others, for clusters without image volumes', () => {
    const initContainers = [{ name: 'init', image: 'busybox', command: ['init'] }];
    const options: WorkerOptions = { koncliDelivery: 'initContainer', koncliImage: 'example.com/koncli:1' };
    const pod = podOf(work(job({ initContainers }), options));
    expect(pod.volumes).toEqual([{ name: 'konductor', emptyDir: {} }]);
    expect(pod.containers[0].volumeMounts).toEqual([MOUNT]);
    expect(pod.initContainers.map(({ name }: Manifest) => name)).toEqual(['install-koncli', 'init']);
    expect(pod.initContainers[0]).toMatchObject({
      image: 'example.com/koncli:1',
      command: ['/konductor/koncli', 'install-to', '/konductor-volume'],
      volumeMounts: [{ name: 'konductor', mountPath: '/konductor-volume' }],
    });
  });

  it('uses the account of the workload, in the workload’s namespace, even if it is an imported one', () => {
    const manifests = synth((scope) => {
      const namespaced = { ...metadata, namespace: 'jobs' };
      const serviceAccount = ServiceAccount.fromServiceAccountName(scope, 'Account', 'builder');
      const props = { metadata: { name: 'work', namespace: 'jobs' }, serviceAccount };
      new WaitGroup(scope, 'Group', { metadata: namespaced }).addWorkers(job(props)(scope));
    });
    expect(pick(manifests, 'RoleBinding').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'builder', namespace: 'jobs' },
    ]);
    expect(podOf(manifests).serviceAccountName).toBe('builder');
  });

  it.each([
    ['by its API object', (workload: Construct) => ApiObject.of(workload)],
    ['by its construct, in plain JavaScript', (workload: Construct) => workload as Workload],
  ])('takes a workload of another library %s, with its account', (_, of) => {
    const manifests = work((scope) => {
      const workload = new Construct(scope, 'Foreign');
      const containers = [{ name: 'main', command: ['do'] }];
      const spec = { template: { spec: { serviceAccountName: 'own', restartPolicy: 'Never', containers } } };
      new ApiObject(workload, 'Resource', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'work' }, spec });
      return of(workload);
    });
    const containers = [{ command: [...RUN, '--', 'do'] }];
    expect(podOf(manifests)).toMatchObject({ serviceAccountName: 'own', containers });
    expect(pick(manifests, 'RoleBinding').subjects).toMatchObject([{ name: 'own' }]);
  });

  it('does not change the security context of a pod that may run as root', () => {
    const securityContext = { ensureNonRoot: false };
    const containers = [{ image: 'busybox', command: ['do'], securityContext }];
    const pod = podOf(work(job({ securityContext, containers })));
    expect(pod.securityContext).not.toHaveProperty('seccompProfile');
    expect(pod.containers[0].securityContext).not.toHaveProperty('capabilities');
  });

  it('keeps the seccompProfile and the capabilities of a pod', () => {
    const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'Localhost', localhostProfile: 'x.json' } };
    const containers = [{ name: 'main', command: ['do'], securityContext: { capabilities: { add: ['CHOWN'] } } }];
    const pod = podOf(work(kubeJob({ securityContext, containers })));
    expect(pod.securityContext).toEqual(securityContext);
    expect(pod.containers[0].securityContext.capabilities).toEqual({ add: ['CHOWN'] });
  });
});
