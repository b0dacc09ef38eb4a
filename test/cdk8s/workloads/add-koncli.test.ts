import { type AddKoncliOptions, addKoncli, KONCLI_IMAGE, WaitGroup } from '@konductor/cdk8s';
import { Job, k8s } from 'cdk8s-plus-27';
import { describe, expect, it } from 'vitest';
import { type Manifest, synth } from '../synth.ts';

const MOUNT = { name: 'konductor', mountPath: '/konductor', subPath: 'konductor', readOnly: true };
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/konductor';

function podOf(spec: k8s.PodSpec, image?: string, options: AddKoncliOptions = {}): Manifest {
  const [job] = synth((scope) => {
    addKoncli(new k8s.KubeJob(scope, 'Job', { spec: { template: { spec } } }), { image, ...options });
  });
  return job.spec.template.spec;
}

describe('addKoncli', () => {
  it('mounts the folder of the image into every container and init container, and adds it to the PATH', () => {
    const container = { image: 'busybox' };
    const pod = podOf({
      initContainers: [{ name: 'init', ...container }],
      containers: [{ name: 'main', ...container }],
    });
    expect(pod.volumes).toEqual([
      { name: 'konductor', image: { reference: KONCLI_IMAGE, pullPolicy: 'IfNotPresent' } },
    ]);
    for (const { env, volumeMounts } of [...pod.initContainers, ...pod.containers]) {
      expect(volumeMounts).toEqual([MOUNT]);
      expect(env).toEqual([{ name: 'PATH', value: PATH }]);
    }
  });

  it('keeps existing volumes, mounts and variables, and extends a PATH', () => {
    const pod = podOf({
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        {
          name: 'main',
          env: [
            { name: 'PATH', value: '/opt/app/bin' },
            { name: 'HOME', value: '/tmp' },
          ],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
    });
    expect(pod.volumes.map(({ name }: Manifest) => name)).toEqual(['data', 'konductor']);
    expect(pod.containers[0].volumeMounts).toEqual([{ name: 'data', mountPath: '/data' }, MOUNT]);
    expect(pod.containers[0].env).toEqual([
      { name: 'HOME', value: '/tmp' },
      { name: 'PATH', value: '/opt/app/bin:/konductor' },
    ]);
  });

  it('takes another image, and a workload of cdk8s-plus', () => {
    const [job] = synth((scope) => {
      const workload = new Job(scope, 'Job', { containers: [{ image: 'busybox' }] });
      addKoncli(workload, { image: 'example.com/koncli:1' });
    });
    const { containers, volumes } = job.spec.template.spec;
    expect(volumes[0].image.reference).toBe('example.com/koncli:1');
    expect(containers[0].volumeMounts).toEqual([MOUNT]);
  });
});

describe('koncli in a pod with a user', () => {
  const pod = (runAsUser?: number): Manifest =>
    synth((scope) => {
      const spec = { restartPolicy: 'Never', securityContext: { runAsUser }, containers: [{ name: 'main' }] };
      const job = new k8s.KubeJob(scope, 'Job', { spec: { template: { spec } } });
      WaitGroup.fromName(scope, 'Group', 'batch').waitFor(job);
      addKoncli(job, { delivery: 'initContainer' });
    }).find(({ kind }) => kind === 'Job').spec.template.spec;

  it.each([
    [undefined, undefined],
    [1000, undefined],
    [0, 65532],
  ])('runs, if the pod sets %s, as %s', (runAsUser, expected) => {
    const { initContainers } = pod(runAsUser);
    expect(initContainers.map(({ name }: Manifest) => name)).toEqual(['install-koncli', 'wait-for-batch']);
    for (const { securityContext } of initContainers) {
      expect(securityContext.runAsNonRoot).toBe(true);
      expect(securityContext.runAsUser).toBe(expected);
    }
  });
});

it('rejects resources that have no effect on an image volume', () => {
  const add = () => podOf({ containers: [{ name: 'main' }] }, undefined, { resources: {} });
  expect(add).toThrow(
    'resources of koncli have no effect on an image volume; remove them, or deliver koncli by "initC',
  );
});

it.each(['/./konductor', '/x/../konductor/data', 'konductor'])('reserves the mount path %s', (mountPath) => {
  const containers = [{ name: 'main', volumeMounts: [{ name: 'data', mountPath }] }];
  expect(() => podOf({ containers, volumes: [{ name: 'data', emptyDir: {} }] })).toThrow('is reserved for koncli');
});
