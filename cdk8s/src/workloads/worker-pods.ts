// What makes a pod a worker of a WaitGroup: koncli beside its command, which runs inside of `koncli waitgroup run`. Pure.

import { checkFlag, checkImage, checkIsText, checkSecretNames } from '../props/rules.ts';
import { listOf, optional, type Shape } from '../props/shapes.ts';
import {
  addKoncliVolume,
  checkDelivery,
  KONCLI,
  KONCLI_IMAGE,
  type Koncli,
  type KoncliDelivery,
  mountKoncli,
} from './koncli-volume.ts';
import { type Container, type PodSpec, withPullSecrets } from './pod-template.ts';

/** How a workload's pods work for a group. */
export interface WorkerOptions {
  /**
   * What the worker runs, as a container's `command`; the container's `args` follow it. Absent: the container's own.
   * One of the two must be there: the entry point of an image is not known at synthesis.
   */
  readonly command?: readonly string[];
  /** The name of the container that works. Absent: the only one. */
  readonly container?: string;
  /**
   * Whether each pod adds itself before it works. False where its work is counted already, by a coordinator's `add` or the
   * group's `initialCount`: then a Job may also retry without counting twice. Default: true, unless the group has an
   * `initialCount`.
   */
  readonly add?: boolean;
  /** Absent: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /** How koncli comes into the container: `initContainer` for clusters older than Kubernetes 1.36. Default: `imageVolume`. */
  readonly koncliDelivery?: KoncliDelivery;
  /** Secrets of the workload's namespace with which the kubelet pulls koncli, beside those that the pods have. */
  readonly imagePullSecrets?: readonly string[];
}

export const WORKER_OPTIONS: Shape<WorkerOptions> = {
  command: optional(listOf(checkIsText)),
  container: optional(checkIsText),
  add: optional(checkFlag),
  koncliImage: optional(checkImage),
  koncliDelivery: optional(checkDelivery),
  imagePullSecrets: optional(checkSecretNames),
};

/** Wraps the command of the container that works; throws the end of a sentence that begins with the workload. */
export function workerPod(pod: PodSpec, waitGroup: string, options: WorkerOptions): PodSpec {
  const { koncliImage: image = KONCLI_IMAGE, koncliDelivery: delivery = 'imageVolume', add = true } = options;
  const koncli: Koncli = { image, delivery };
  const run = [KONCLI, 'waitgroup', 'run', waitGroup, ...(add ? [] : ['--no-add']), '--'];
  const worker = workingContainer(pod, options.container);
  const working = mountKoncli({ ...worker, command: [...run, ...commandOf(worker, options)] }, koncli);
  const containers = pod.containers.map((container) => (container === worker ? working : container));
  return addKoncliVolume(withPullSecrets({ ...pod, containers }, options.imagePullSecrets), koncli);
}

function workingContainer({ containers }: PodSpec, name: string | undefined): Container {
  const names = containers.map((container) => container.name).join(', ');
  const [first, ...others] =
    name === undefined ? containers : containers.filter((container) => container.name === name);
  if (first === undefined) throw new Error(`has no container "${name}": the prop "container" is one of ${names}`);
  if (others.length > 0) throw new Error(`has several containers (${names}): name the one that works in "container"`);
  return first;
}

function commandOf(container: Container, { command = container.command ?? [] }: WorkerOptions): readonly string[] {
  if (command.length > 0) return command;
  throw new Error(
    `runs the entry point of its image, which is not known here: give container "${container.name}" or addWorkers a command`,
  );
}
