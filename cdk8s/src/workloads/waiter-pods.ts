// What makes a pod wait for a WaitGroup before anything in it starts: an init container of koncli's own image. Pure.
import { createHash } from 'node:crypto';
import type { Duration } from 'cdk8s';
import { checkTimeout, durationText } from '../props/durations.ts';
import { checkCount, checkImage, checkSecretNames } from '../props/rules.ts';
import { checkOptions, optional, type Shape } from '../props/shapes.ts';
import { KONCLI_IMAGE, koncliContainer } from './koncli-volume.ts';
import type { Container } from './pod-template.ts';

const MAX_NAME = 63;
const HASH_LENGTH = 8;

/** How a workload's pods wait for a group. */
export interface WaiterOptions {
  /** How long one attempt waits: a Duration, or text as Go writes it, like `30m`. Absent: as long as it takes. */
  readonly timeout?: Duration | string;
  /**
   * The group is not done before that much was added to it in all, so that a pod may start before the first worker does.
   * 0: a group that nothing was ever added to is done. Default: 1.
   */
  readonly minAdded?: number;
  /** Absent: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: string;
  /** Secrets of the workload's namespace with which the kubelet pulls koncli, beside those that the pods have. */
  readonly imagePullSecrets?: readonly string[];
}

const SHAPE: Shape<WaiterOptions> = {
  timeout: optional(checkTimeout),
  minAdded: optional(checkCount),
  koncliImage: optional(checkImage),
  imagePullSecrets: optional(checkSecretNames),
};

/** Throws a sentence when the options are wrong. */
export function waitContainer(waitGroup: string, options: WaiterOptions): Container {
  checkOptions(options, SHAPE);
  const { timeout, minAdded = 1, koncliImage = KONCLI_IMAGE } = options;
  const flags = [
    ...(minAdded === 0 ? [] : ['--min-added', `${minAdded}`]),
    ...(timeout === undefined ? [] : ['--timeout', durationText(timeout)]),
  ];
  return koncliContainer(containerName(waitGroup), koncliImage, ['waitgroup', 'wait', waitGroup, ...flags]);
}

/** Two long names that begin alike must not become one. */
function containerName(waitGroup: string): string {
  const name = `wait-for-${waitGroup}`;
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(waitGroup).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, MAX_NAME - HASH_LENGTH - 1)}-${hash}`;
}
