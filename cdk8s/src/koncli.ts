// Puts koncli into the containers of a workload, whatever their images are: a volume made of koncli's own image.
// Image volumes need Kubernetes 1.35 (1.33 with the feature gate ImageVolume) and containerd 2.1 or CRI-O.
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { VERSION } from './version.ts';

/** The koncli of this version. Nobody publishes it: build it, and load it into the cluster's nodes. */
export const KONCLI_IMAGE = `konductor/koncli:${VERSION}`;

const VOLUME = 'konductor';
/** In the image too: koncli looks for its libc in /konductor/lib, so no other path will do. */
const DIRECTORY = '/konductor';
/** What container runtimes set where the image sets no PATH; a pod cannot extend the image's own. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

interface Container {
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly object[];
}

interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly object[];
}

/** For {@link addKoncli}. */
export interface AddKoncliOptions {
  /** Absent: {@link KONCLI_IMAGE}. */
  readonly image?: string;
}

/**
 * Makes `koncli` a command in every container of a workload that has a pod template (a Deployment, a Job, …).
 * A PATH that a container's image sets is replaced by the usual one; a PATH in its `env` is extended.
 */
export function addKoncli(workload: Construct, { image = KONCLI_IMAGE }: AddKoncliOptions = {}): void {
  const object = ApiObject.of(workload);
  const render = object.toJson.bind(object);
  // cdk8s-plus-27 drops the fields that Kubernetes 1.27 did not have, from JSON patches too: add to what it renders.
  object.toJson = () => {
    const manifest = render();
    const template = { ...manifest.spec.template, spec: withKoncli(manifest.spec.template.spec, image) };
    return { ...manifest, spec: { ...manifest.spec, template } };
  };
}

function withKoncli(pod: PodSpec, image: string): PodSpec {
  const volume = { name: VOLUME, image: { reference: image, pullPolicy: 'IfNotPresent' } };
  return {
    ...pod,
    containers: pod.containers.map(mountKoncli),
    ...(pod.initContainers && { initContainers: pod.initContainers.map(mountKoncli) }),
    volumes: [...(pod.volumes ?? []), volume],
  };
}

function mountKoncli(container: Container): Container {
  const { env = [], volumeMounts = [] } = container;
  const path = env.find(({ name }) => name === 'PATH')?.value ?? DEFAULT_PATH;
  return {
    ...container,
    env: [...env.filter(({ name }) => name !== 'PATH'), { name: 'PATH', value: `${path}:${DIRECTORY}` }],
    volumeMounts: [...volumeMounts, { name: VOLUME, mountPath: DIRECTORY, subPath: 'konductor', readOnly: true }],
  };
}
