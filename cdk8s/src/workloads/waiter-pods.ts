// The init container that makes a pod wait for a WaitGroup before its other containers start. Pure.
import { createHash } from 'node:crypto';
import type { Duration } from 'cdk8s';
import { checkFields, optional, type Rules } from '../props/check-props.ts';
import { checkTimeout, durationText } from '../props/durations.ts';
import type { ContainerResources } from '../props/resources.ts';
import { checkCount, checkImage, checkSecretNames, oneOf } from '../props/rules.ts';
import { KONCLI_IMAGE } from './images.ts';
import { koncliContainer } from './koncli-volume.ts';
import type { Container, PodSpec } from './pod-template.ts';

const MAX_NAME = 63;
const HASH_LENGTH = 8;

/** How a workload waits for a WaitGroup. */
export interface WaiterOptions {
  /**
   * What holds it back. `initContainer`: its pods start, and an init container with koncli waits. `suspend`: a Job is suspended, a
   * CronJob creates suspended Jobs. `gate`: pods are not scheduled. `label`: the policy of hold.yaml suspends or gates what has the
   * label when it is created, on Kubernetes 1.36 or newer; without the policy it starts at once. The last three need hold.yaml (Helm:
   * `hold.enabled=true`) for the operator to let go; they change neither images nor accounts, and what is held has no node. Applying
   * a Job again after it was let go by `suspend` suspends it again, and a Pod by `gate` cannot be applied again: use `label` under
   * GitOps. Default: `initContainer`.
   */
  readonly by?: 'initContainer' | 'suspend' | 'gate' | 'label';
  /**
   * Time limit of one attempt of the init container, as a Duration or as text in Go's format, such as `30m`. Default: no limit.
   */
  readonly timeout?: Duration | string;
  /**
   * The WaitGroup is not done until at least this many have been added in total, so that a pod may start before the first
   * worker. With 0, a WaitGroup to which nothing was ever added is done. Default: 1; for `DynamicWorkers` its replicas.
   */
  readonly minAdded?: number;
  /**
   * Whether the init container waits until no work is outstanding even if the WaitGroup fails. Default: false, the pods do not
   * start then.
   */
  readonly ignoreFailure?: boolean;
  /**
   * What happens without an init container when the WaitGroup fails: `hold` waits for a later round that succeeds, `release` lets go
   * at once. Default: `hold`.
   */
  readonly onFailure?: 'hold' | 'release';
  /**
   * What happens without an init container while the WaitGroup does not exist: `hold` waits for it, `release` lets go after half a
   * minute. Default: `hold`, or `release` for what may start after a WaitGroup with a `ttl` was deleted: the Jobs of a CronJob, and
   * pods that are replaced.
   */
  readonly onMissing?: 'hold' | 'release';
  /**
   * Accepts a Deployment, StatefulSet, DaemonSet or CronJob although the WaitGroup has a `ttl`: pods that start after it has
   * expired find no WaitGroup, and fail or stay held. Default: false, the synthesis fails.
   */
  readonly unchecked?: boolean;
  /** The image of koncli in the init container. Default: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /**
   * Requests and limits of the init container with koncli. Default: requests of 10m CPU and 64Mi memory, limits of 250m CPU and 128Mi
   * memory.
   */
  readonly koncliResources?: ContainerResources;
  /** Names of Secrets for pulling koncli, in the workload's namespace, in addition to those of the pods. */
  readonly imagePullSecrets?: string[];
}

/** The options that only some ways to wait have. */
const OF_INIT_CONTAINERS = ['timeout', 'ignoreFailure', 'koncliImage', 'koncliResources', 'imagePullSecrets'] as const;
const OF_LABELS = ['onFailure', 'onMissing'] as const;

const RULES: Rules<WaiterOptions> = {
  by: optional(oneOf('initContainer', 'suspend', 'gate', 'label')),
  onFailure: optional(oneOf('hold', 'release')),
  onMissing: optional(oneOf('hold', 'release')),
  timeout: optional(checkTimeout),
  minAdded: optional(checkCount),
  koncliImage: optional(checkImage),
  imagePullSecrets: optional(checkSecretNames),
};

/** Throws if an option is invalid or has no effect. */
export function checkWaiterOptions(options: WaiterOptions): void {
  checkFields(options, RULES);
  const { by = 'initContainer' } = options;
  const unused = (by === 'initContainer' ? OF_LABELS : OF_INIT_CONTAINERS).find((name) => options[name] !== undefined);
  if (unused === undefined) return;
  const others = by === 'initContainer' ? '"suspend", "gate" or "label"' : '"initContainer"';
  throw new Error(`${unused} has no effect by "${by}"; remove it, or wait by ${others}`);
}

/** Expects checked options. */
export function waitContainer(pod: PodSpec, waitGroup: string, options: WaiterOptions): Container {
  const { timeout, minAdded = 1, ignoreFailure = false, koncliImage: image = KONCLI_IMAGE, koncliResources } = options;
  const flags = [
    ...(minAdded === 0 ? [] : ['--min-added', `${minAdded}`]),
    ...(timeout === undefined ? [] : ['--timeout', durationText(timeout)]),
    ...(ignoreFailure ? ['--ignore-failure'] : []),
  ];
  const name = containerName(waitGroup);
  const args = ['waitgroup', 'wait', waitGroup, ...flags];
  const container = koncliContainer(pod, { name, image, args, resources: koncliResources });
  // So that `kubectl describe pod` shows why the wait has failed.
  return { ...container, terminationMessagePolicy: 'FallbackToLogsOnError' };
}

/** Long names with a common beginning must stay different. */
function containerName(waitGroup: string): string {
  const name = `wait-for-${waitGroup}`;
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(waitGroup).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, MAX_NAME - HASH_LENGTH - 1)}-${hash}`;
}
