// Makes a pod a worker of a WaitGroup: koncli, and the command wrapped in `koncli waitgroup run`. Pure.
import { checkFields, optional } from '../props/check-props.ts';
import type { ContainerResources } from '../props/resources.ts';
import { checkDelivery, checkImage, checkSecretNames, oneOf } from '../props/rules.ts';
import { KONCLI_IMAGE } from './images.ts';
import {
  addKoncliVolume,
  checkKoncliResources,
  KONCLI,
  type Koncli,
  type KoncliDelivery,
  mountKoncli,
} from './koncli-volume.ts';
import { type Container, type PodSpec, withPullSecrets } from './pod-template.ts';

/** How the pods of a workload work for a WaitGroup. */
export interface WorkerOptions {
  /**
   * The command of the worker, followed by the `args` of its container. Default: the `command` of the container. One of the two
   * is required, because the entrypoint of an image is not known at synthesis.
   */
  readonly command?: string[];
  /** Name of the container that does the work. Default: the only container. */
  readonly container?: string;
  /**
   * Whether each pod adds itself before it works. Set it to false if the work is already counted, by a coordinator's `add` or by
   * the WaitGroup's `initialCount`; a Job can then retry without counting twice. Default: true, or false if the WaitGroup has an
   * `initialCount`.
   */
  readonly add?: boolean;
  /**
   * What happens when the command fails: with `keep`, the work stays outstanding, so that a retry can finish it; with `fail`, the
   * work is done and the WaitGroup fails, so that waiters end at once. A pod that is stopped has not failed: its work stays
   * outstanding. Default: `keep`.
   */
  readonly onFailure?: 'keep' | 'fail';
  /**
   * Accepts the workload although its pods mark work done another number of times than was added, as far as the chart shows: a
   * Job with other completions than `initialCount`, a Deployment that works for an `initialCount`, a CronJob on one WaitGroup, a
   * Job that retries work that `onFailure: 'fail'` has ended. Default: false, the synthesis fails.
   */
  readonly unchecked?: boolean;
  /** The image of koncli. Default: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /** How koncli gets into the pods: `initContainer` for clusters older than Kubernetes 1.36. Default: `imageVolume`. */
  readonly koncliDelivery?: KoncliDelivery;
  /**
   * Requests and limits of the init container that delivers koncli. Default: requests of 10m CPU and 64Mi memory, limits of 250m CPU
   * and 128Mi memory.
   */
  readonly koncliResources?: ContainerResources;
  /** Names of Secrets for pulling koncli, in the workload's namespace, in addition to those of the pods. */
  readonly imagePullSecrets?: string[];
}

export function checkWorkerOptions(options: WorkerOptions): void {
  checkFields(options, {
    onFailure: optional(oneOf('keep', 'fail')),
    koncliImage: optional(checkImage),
    koncliDelivery: optional(checkDelivery),
    imagePullSecrets: optional(checkSecretNames),
  });
  checkKoncliResources(options.koncliDelivery, options.koncliResources);
}

/** Wraps the command of the container that does the work. */
export function workerPod(pod: PodSpec, waitGroup: string, options: WorkerOptions): PodSpec {
  const { koncliImage: image = KONCLI_IMAGE, koncliDelivery: delivery = 'imageVolume', koncliResources } = options;
  const koncli: Koncli = { image, delivery, resources: koncliResources };
  const run = [KONCLI, 'waitgroup', 'run', waitGroup, ...flagsOf(options), '--'];
  const worker = workingContainer(pod, options.container);
  const working = mountKoncli({ ...worker, command: [...run, ...commandOf(worker, options)] }, koncli);
  const containers = pod.containers.map((container) => (container === worker ? working : container));
  return addKoncliVolume(withPullSecrets({ ...pod, containers }, options.imagePullSecrets), koncli);
}

function flagsOf({ add = true, onFailure }: WorkerOptions): string[] {
  return [...(add ? [] : ['--no-add']), ...(onFailure === 'fail' ? ['--on-failure=fail'] : [])];
}

function workingContainer({ containers }: PodSpec, name: string | undefined): Container {
  const names = containers.map((container) => container.name).join(', ');
  const [first, ...others] =
    name === undefined ? containers : containers.filter((container) => container.name === name);
  if (first === undefined) throw new Error(`has no container "${name}"; set "container" to one of ${names}`);
  if (others.length > 0) throw new Error(`has several containers; set "container" to one of ${names}`);
  return first;
}

function commandOf(container: Container, options: WorkerOptions): readonly string[] {
  const command = options.command ?? container.command ?? [];
  if (command.length > 0) return command;
  throw new Error(
    `container "${container.name}" has no command, and the entrypoint of its image is not known here; set its command, or pass one to addWorkers`,
  );
}
