// Makes koncli a command in the containers of a workload, whatever their images are, for scripts that call it.

import { checkImage, checkSecretNames } from '../props/rules.ts';
import { checkOptions, optional, type Shape } from '../props/shapes.ts';
import {
  addKoncliVolume,
  checkDelivery,
  KONCLI_DIRECTORY,
  KONCLI_IMAGE,
  type KoncliDelivery,
  mountKoncli,
} from './koncli-volume.ts';
import { completeRestricted } from './pod-security.ts';
import { type Container, withPullSecrets } from './pod-template.ts';
import { editPods, tellOf, type Workload } from './workload.ts';

/** What container runtimes set where the image sets no PATH; a pod cannot extend the image's own. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** For {@link addKoncli}. */
export interface AddKoncliOptions {
  /** Absent: {@link KONCLI_IMAGE}. */
  readonly image?: string;
  /** How it comes: `initContainer` for clusters older than Kubernetes 1.36. Absent: `imageVolume`. */
  readonly delivery?: KoncliDelivery;
  /** Secrets of the workload's namespace with which the kubelet pulls koncli, beside those that the pods have. */
  readonly imagePullSecrets?: readonly string[];
}

/**
 * Makes `koncli` a command in every container of a workload, for scripts that call it. Grants nothing. A pod that runs as
 * non-root meets the restricted Pod Security Standard.
 * A PATH that a container's image sets is replaced by the usual one; a PATH in its `env` is extended.
 */
export function addKoncli(workload: Workload, options: AddKoncliOptions = {}): void {
  tellOf(workload, () => checkOptions(options, SHAPE));
  const { image = KONCLI_IMAGE, delivery = 'imageVolume' } = options;
  const koncli = { image, delivery };
  const add = (container: Container) => mountKoncli(extendPath(container), koncli);
  editPods(workload, (pod) => {
    const containers = pod.containers.map(add);
    const initContainers = pod.initContainers && { initContainers: pod.initContainers.map(add) };
    const joined = { ...pod, containers, ...initContainers };
    return completeRestricted(addKoncliVolume(withPullSecrets(joined, options.imagePullSecrets), koncli));
  });
}

const SHAPE: Shape<AddKoncliOptions> = {
  image: optional(checkImage),
  delivery: optional(checkDelivery),
  imagePullSecrets: optional(checkSecretNames),
};

function extendPath(container: Container): Container {
  const { env = [] } = container;
  const path = env.find(({ name }) => name === 'PATH')?.value ?? DEFAULT_PATH;
  const extended = { name: 'PATH', value: `${path}:${KONCLI_DIRECTORY}` };
  return { ...container, env: [...env.filter(({ name }) => name !== 'PATH'), extended] };
}
