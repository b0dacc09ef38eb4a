// The init container that makes a pod wait for a WaitGroup before its other containers start. Pure.
import { createHash } from 'node:crypto';
import type { Duration } from 'cdk8s';
import { checkFields, optional, type Rules } from '../props/check-props.ts';
import { checkTimeout, durationText } from '../props/durations.ts';
import { checkCount, checkImage, checkSecretNames } from '../props/rules.ts';
import { KONCLI_IMAGE } from './images.ts';
import { koncliContainer } from './koncli-volume.ts';
import type { Container } from './pod-template.ts';

const MAX_NAME = 63;
const HASH_LENGTH = 8;

/** How the pods of a workload wait for a WaitGroup. */
export interface WaiterOptions {
  /** Time limit of one attempt, as a Duration or as text in Go's format, such as `30m`. Default: no limit. */
  readonly timeout?: Duration | string;
  /**
   * The WaitGroup is not done until at least this many have been added in total, so that a pod may start before the first
   * worker. With 0, a WaitGroup to which nothing was ever added is done. Default: 1; for `DynamicWorkers` its replicas.
   */
  readonly minAdded?: number;
  /** Whether to wait until no work is outstanding even if the WaitGroup fails. Default: false, the pods do not start then. */
  readonly ignoreFailure?: boolean;
  /**
   * Accepts a Deployment, StatefulSet, DaemonSet or CronJob although the WaitGroup has a `ttl`: pods that start after it has
   * expired find no WaitGroup and fail. Default: false, the synthesis fails.
   */
  readonly unchecked?: boolean;
  /** The image of koncli. Default: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /** Names of Secrets for pulling koncli, in the workload's namespace, in addition to those of the pods. */
  readonly imagePullSecrets?: readonly string[];
}

const RULES: Rules<WaiterOptions> = {
  timeout: optional(checkTimeout),
  minAdded: optional(checkCount),
  koncliImage: optional(checkImage),
  imagePullSecrets: optional(checkSecretNames),
};

/** Throws if an option is invalid. */
export function waitContainer(waitGroup: string, options: WaiterOptions): Container {
  checkFields(options, RULES);
  const { timeout, minAdded = 1, ignoreFailure = false, koncliImage = KONCLI_IMAGE } = options;
  const flags = [
    ...(minAdded === 0 ? [] : ['--min-added', `${minAdded}`]),
    ...(timeout === undefined ? [] : ['--timeout', durationText(timeout)]),
    ...(ignoreFailure ? ['--ignore-failure'] : []),
  ];
  const container = koncliContainer(containerName(waitGroup), koncliImage, ['waitgroup', 'wait', waitGroup, ...flags]);
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
