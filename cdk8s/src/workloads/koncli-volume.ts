// How koncli gets into a container of another image: an image volume of koncli's own image, or, for clusters without image
// volumes, an empty volume that an init container copies it into.
import { posix } from 'node:path';
import { type ContainerResources, renderedResources } from '../props/resources.ts';
import { restrictedAlone } from './pod-security.ts';
import { addInitContainer, type Container, type PodSpec, type Volume } from './pod-template.ts';

/**
 * How koncli gets into a pod. `imageVolume` needs Kubernetes 1.36 or later with containerd 2.2 or CRI-O; `initContainer` works
 * on every cluster.
 */
export type KoncliDelivery = 'imageVolume' | 'initContainer';

/** The image of koncli and how it gets into a pod. */
export interface Koncli {
  readonly image: string;
  readonly delivery: KoncliDelivery;
  /** Of the init container that delivers koncli. */
  readonly resources?: ContainerResources | undefined;
}

/** The same in koncli's image and in every container: koncli looks for its libc in /konductor/lib, so no other path works. */
export const KONCLI_DIRECTORY = '/konductor';
export const KONCLI = `${KONCLI_DIRECTORY}/koncli`;

export const KONCLI_VOLUME = 'konductor';
/** The image contains the folder; the empty volume is the folder. */
export const IMAGE_MOUNT = { name: KONCLI_VOLUME, mountPath: KONCLI_DIRECTORY, subPath: 'konductor', readOnly: true };
const FOLDER_MOUNT = { name: KONCLI_VOLUME, mountPath: KONCLI_DIRECTORY, readOnly: true };
/** Where the init container mounts the empty volume: not over the folder that it copies. */
const DESTINATION = '/konductor-volume';
/** koncli takes about 50 MB; a waiter is idle most of the time. */
const DEFAULT_RESOURCES = { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '250m', memory: '128Mi' } };

/** Adds the volume to a pod, and the init container that fills it. */
export function addKoncliVolume(pod: PodSpec, koncli: Koncli): PodSpec {
  const volume = volumeOf(koncli);
  const present = pod.volumes?.find(({ name }) => name === KONCLI_VOLUME);
  if (present && JSON.stringify(present) === JSON.stringify(volume)) return pod;
  if (present) throw new Error(`volume name "${KONCLI_VOLUME}" is reserved for koncli; rename it`);
  const withVolume = { ...pod, volumes: [...(pod.volumes ?? []), volume] };
  return koncli.delivery === 'imageVolume' ? withVolume : addInitContainer(withVolume, installer(pod, koncli));
}

function volumeOf({ image, delivery }: Koncli): Volume & Readonly<Record<string, unknown>> {
  return delivery === 'initContainer' ? { name: KONCLI_VOLUME, emptyDir: {} } : imageVolume(image);
}

/** The image volume of koncli. */
export function imageVolume(image: string) {
  return { name: KONCLI_VOLUME, image: { reference: image, pullPolicy: 'IfNotPresent' } };
}

function installer(pod: PodSpec, { image, resources }: Koncli): Container {
  const volumeMounts = [{ name: KONCLI_VOLUME, mountPath: DESTINATION }];
  const args = ['install-to', DESTINATION];
  return { ...koncliContainer(pod, { name: 'install-koncli', image, args, resources }), volumeMounts };
}

/** Mounts the volume into one container. */
export function mountKoncli(container: Container, { delivery }: Koncli): Container {
  const { volumeMounts = [] } = container;
  // Nothing can be mounted below it either, because it is read-only.
  const isTaken = (path: string) => `${posix.resolve('/', path)}/`.startsWith(`${KONCLI_DIRECTORY}/`);
  const taken = volumeMounts.find(({ mountPath }) => isTaken(mountPath));
  if (taken?.name === KONCLI_VOLUME) return container;
  if (taken) throw new Error(`mount path ${taken.mountPath} of volume ${taken.name} is reserved for koncli; change it`);
  return { ...container, volumeMounts: [...volumeMounts, delivery === 'imageVolume' ? IMAGE_MOUNT : FOLDER_MOUNT] };
}

/** A container of koncli's own image. */
export interface KoncliContainer {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly resources?: ContainerResources | undefined;
}

/** Meets the restricted Pod Security Standard in any pod, and a ResourceQuota. */
export function koncliContainer(pod: PodSpec, { name, image, args, resources }: KoncliContainer): Container {
  return {
    name,
    command: [KONCLI, ...args],
    ...{ image, imagePullPolicy: 'IfNotPresent', resources: renderedResources(resources ?? DEFAULT_RESOURCES) },
    securityContext: restrictedAlone(pod),
  };
}

/** Throws if koncli's container is configured, and there is none. */
export function checkKoncliResources(
  delivery: KoncliDelivery | undefined,
  resources: ContainerResources | undefined,
): void {
  if (resources !== undefined && delivery !== 'initContainer')
    throw new Error(
      'resources of koncli have no effect on an image volume; remove them, or deliver koncli by "initContainer"',
    );
}
