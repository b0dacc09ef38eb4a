// How koncli gets into a container that has another image: a volume made of koncli's own image, or, where the cluster does
// not know such volumes, an empty one that an init container copies it into.

import { oneOf } from '../props/rules.ts';
import { VERSION } from '../version.ts';
import { restrictedAlone } from './pod-security.ts';
import { addInitContainer, type Container, type PodSpec, type Volume } from './pod-template.ts';

/**
 * How koncli gets into a pod. `imageVolume` needs Kubernetes 1.36 or newer, and containerd 2.2 or CRI-O; `initContainer` works
 * everywhere.
 */
export type KoncliDelivery = 'imageVolume' | 'initContainer';

const DELIVERIES: readonly KoncliDelivery[] = ['imageVolume', 'initContainer'];

export const checkDelivery = oneOf(...DELIVERIES);

/** Which koncli, and how it comes. */
export interface Koncli {
  readonly image: string;
  readonly delivery: KoncliDelivery;
}

/** In koncli's own image and in every container: koncli looks for its libc in /konductor/lib, so no other path will do. */
export const KONCLI_DIRECTORY = '/konductor';
/** Whatever the PATH of the container is. */
export const KONCLI = `${KONCLI_DIRECTORY}/koncli`;

export const KONCLI_VOLUME = 'konductor';
/** The image has the folder; the empty volume is the folder. */
export const IMAGE_MOUNT = { name: KONCLI_VOLUME, mountPath: KONCLI_DIRECTORY, subPath: 'konductor', readOnly: true };
const FOLDER_MOUNT = { name: KONCLI_VOLUME, mountPath: KONCLI_DIRECTORY, readOnly: true };
/** Where the init container has the empty volume: not over the folder that it copies. */
const DESTINATION = '/konductor-volume';
/** koncli takes about 50 MB; a waiter does nothing most of the time. */
const RESOURCES = { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } };

/** Adds the volume to a pod, and what fills it. */
export function addKoncliVolume(pod: PodSpec, koncli: Koncli): PodSpec {
  const volume = volumeOf(koncli);
  const present = pod.volumes?.find(({ name }) => name === KONCLI_VOLUME);
  if (present && JSON.stringify(present) === JSON.stringify(volume)) return pod;
  if (present) throw new Error(`has a volume named "${KONCLI_VOLUME}", which is koncli's: give it another name`);
  const withVolume = { ...pod, volumes: [...(pod.volumes ?? []), volume] };
  return koncli.delivery === 'imageVolume' ? withVolume : addInitContainer(withVolume, installer(koncli));
}

function volumeOf({ image, delivery }: Koncli): Volume & Readonly<Record<string, unknown>> {
  return delivery === 'initContainer' ? { name: KONCLI_VOLUME, emptyDir: {} } : imageVolume(image);
}

/** The volume that is koncli's image. */
export function imageVolume(image: string) {
  return { name: KONCLI_VOLUME, image: { reference: image, pullPolicy: 'IfNotPresent' } };
}

function installer(koncli: Koncli): Container {
  const volumeMounts = [{ name: KONCLI_VOLUME, mountPath: DESTINATION }];
  return { ...koncliContainer('install-koncli', koncli.image, ['install-to', DESTINATION]), volumeMounts };
}

/** Mounts the volume into one container. */
export function mountKoncli(container: Container, { delivery }: Koncli): Container {
  const { volumeMounts = [] } = container;
  // Nothing can be mounted below it either, as it is read-only.
  const taken = volumeMounts.find(({ mountPath }) => `${mountPath}/`.startsWith(`${KONCLI_DIRECTORY}/`));
  if (taken?.name === KONCLI_VOLUME) return container;
  if (taken) throw new Error(`mounts ${taken.name} at ${taken.mountPath}, where koncli goes: mount it elsewhere`);
  return { ...container, volumeMounts: [...volumeMounts, delivery === 'imageVolume' ? IMAGE_MOUNT : FOLDER_MOUNT] };
}

/** A container of koncli's own image, which meets the restricted Pod Security Standard in any pod. */
export function koncliContainer(name: string, image: string, args: readonly string[]): Container {
  return {
    name,
    command: [KONCLI, ...args],
    ...{ image, imagePullPolicy: 'IfNotPresent', resources: RESOURCES },
    securityContext: restrictedAlone(),
  };
}

/** The koncli of this version. Nobody publishes it: build it, and load it into the cluster's nodes. */
export const KONCLI_IMAGE = `konductor/koncli:${VERSION}`;
