// Makes koncli a command in the containers of a workload, for scripts that call it.
import { checkFields, optional } from '../props/check-props.ts';
import type { ContainerResources } from '../props/resources.ts';
import { checkDelivery, checkImage, checkSecretNames } from '../props/rules.ts';
import { KONCLI_IMAGE } from './images.ts';
import {
  addKoncliVolume,
  checkKoncliResources,
  KONCLI_DIRECTORY,
  type KoncliDelivery,
  mountKoncli,
} from './koncli-volume.ts';
import { completeRestricted } from './pod-security.ts';
import { type Container, withPullSecrets } from './pod-template.ts';
import { editPods, inWorkload, type Workload } from './workload.ts';

/** What container runtimes set if the image sets no PATH; a pod cannot extend the PATH of an image. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Options of {@link addKoncli}. */
export interface AddKoncliOptions {
  /** The image of koncli. Default: {@link KONCLI_IMAGE}. */
  readonly image?: string;
  /** How koncli gets into the pods: `initContainer` for clusters older than Kubernetes 1.36. Default: `imageVolume`. */
  readonly delivery?: KoncliDelivery;
  /**
   * Requests and limits of the init container that delivers koncli. Default: requests of 10m CPU and 64Mi memory, limits of 250m CPU
   * and 128Mi memory.
   */
  readonly resources?: ContainerResources;
  /** Names of Secrets for pulling koncli, in the workload's namespace, in addition to those of the pods. */
  readonly imagePullSecrets?: string[];
}

/**
 * Makes `koncli` a command in every container of a workload, for scripts that call it. Grants no permissions. A pod that runs
 * as non-root meets the restricted Pod Security Standard. A PATH in the `env` of a container is extended; a PATH that its image
 * sets is replaced by the default one.
 */
export function addKoncli(workload: Workload, options: AddKoncliOptions = {}): void {
  const rules = {
    image: optional(checkImage),
    delivery: optional(checkDelivery),
    imagePullSecrets: optional(checkSecretNames),
  };
  inWorkload(workload, () => {
    checkFields(options, rules);
    checkKoncliResources(options.delivery, options.resources);
  });
  const { image = KONCLI_IMAGE, delivery = 'imageVolume', resources } = options;
  const koncli = { image, delivery, resources };
  const add = (container: Container) => mountKoncli(extendPath(container), koncli);
  editPods(workload, (pod) => {
    const containers = pod.containers.map(add);
    const initContainers = pod.initContainers && { initContainers: pod.initContainers.map(add) };
    const joined = { ...pod, containers, ...initContainers };
    return completeRestricted(addKoncliVolume(withPullSecrets(joined, options.imagePullSecrets), koncli));
  });
}

/** koncli, for languages in which a package exports no functions. */
export class Koncli {
  /** See {@link KONCLI_IMAGE}. */
  static readonly IMAGE: string = KONCLI_IMAGE;

  /** Makes `koncli` a command in every container of a workload, as {@link addKoncli} does. */
  static addTo(workload: Workload, options: AddKoncliOptions = {}): void {
    addKoncli(workload, options);
  }

  private constructor() {}
}

function extendPath(container: Container): Container {
  const { env = [] } = container;
  const path = env.find(({ name }) => name === 'PATH')?.value ?? DEFAULT_PATH;
  const extended = { name: 'PATH', value: `${path}:${KONCLI_DIRECTORY}` };
  return { ...container, env: [...env.filter(({ name }) => name !== 'PATH'), extended] };
}
