// A Job with one pod that adds its workers to a WaitGroup, starts them in the background and waits for them.
import type { Duration } from 'cdk8s';
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { optional, type Rules } from '../props/check-props.ts';
import { checkTimeout, durationText } from '../props/durations.ts';
import { checkFilled, checkImage, checkSecretNames, countFrom } from '../props/rules.ts';
import type { WaitGroup } from '../wait-group/wait-group.ts';
import { type AddKoncliOptions, addKoncli } from '../workloads/add-koncli.ts';
import { scriptPod } from './script-pod.ts';

/** How koncli gets into the pods of a pattern. */
export interface KoncliProps {
  /** The image of koncli. Default: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: AddKoncliOptions['image'];
  /** How koncli gets into the pods: `initContainer` for clusters older than Kubernetes 1.36. Default: `imageVolume`. */
  readonly koncliDelivery?: AddKoncliOptions['delivery'];
  /** Names of Secrets in the pods' namespace for pulling their images. */
  readonly imagePullSecrets?: AddKoncliOptions['imagePullSecrets'];
}

/** Props of a coordinator Job. */
export interface CoordinatorProps extends KoncliProps {
  /** Name of the Job. */
  readonly name: string;
  /** Counts the workers. */
  readonly waitGroup: WaitGroup;
  /** Service account with the permissions of a coordinator of the WaitGroup. */
  readonly serviceAccount: IServiceAccount;
  /** Number of workers, at least 1, or a shell command that prints it when the Job runs. */
  readonly workers: number | string;
  /** Shell commands of one worker, on one or more lines; `$i` is the number of the worker. */
  readonly work: string;
  /**
   * What happens when a worker fails: with `done`, its work is done; with `fail`, the WaitGroup fails as well, so that all waiters
   * end at once, this Job included, which ends the workers in its pod. Default: `done`.
   */
  readonly onFailure?: 'done' | 'fail';
  /** Time limit of the wait for the workers, as a Duration or as text in Go's format, such as `30m`. */
  readonly timeout: Duration | string;
  /** Image of the pod, with a shell and `seq`. */
  readonly image: string;
}

/** The Job is not retried when it fails. */
export function coordinatorJob(scope: Construct, id: string, props: CoordinatorProps): k8s.KubeJob {
  const { name, waitGroup, serviceAccount, image, koncliImage, koncliDelivery, imagePullSecrets } = props;
  const script = coordinatorScript(props);
  const job = new k8s.KubeJob(scope, id, {
    metadata: { name },
    spec: {
      // A second attempt would add its workers to those of the first attempt, which never finish.
      backoffLimit: 0,
      template: scriptPod({ app: name, serviceAccount, image, container: 'coord', script, restartPolicy: 'Never' }),
    },
  });
  job.addDependency(waitGroup, serviceAccount);
  addKoncli(job, { image: koncliImage, delivery: koncliDelivery, imagePullSecrets });
  return job;
}

export const KONCLI_RULES: Rules<KoncliProps> = {
  koncliImage: optional(checkImage),
  imagePullSecrets: optional(checkSecretNames),
};

export const WORK_RULES = { workers: checkWorkers, work: checkFilled };
export const COORDINATOR_RULES = { timeout: checkTimeout, image: checkImage, ...KONCLI_RULES };

function checkWorkers(workers: unknown, what: string): void {
  if (typeof workers !== 'string') countFrom(1)(workers, what);
  else checkFilled(workers, what);
  if (typeof workers === 'string' && /^\d+$/.test(workers))
    throw new Error(`${what} "${workers}" would run as a command; use the number ${workers}`);
}

/**
 * The user's commands are on lines of their own, for comments and heredocs, and come first: a syntax error in them stops the
 * script before anything is added. The names of functions must not hide commands.
 */
function coordinatorScript({ waitGroup: { name }, workers, work, onFailure, timeout }: CoordinatorProps): string {
  const isKnown = typeof workers === 'number';
  const count = isKnown ? `${workers}` : '"$count"';
  return `set -e
konductor_work() (
${work}
)
${isKnown ? '' : `count=$(\n${workers}\n)\n`}# Add before starting, and all at once: the WaitGroup must not be done before the last worker has started
koncli waitgroup add ${name} --delta ${count}
# Start workers
for i in $(seq ${count}); do
  {
${onFailure === 'fail' ? workOrFail(name) : workThenDone(name)}
  } &
done
# Wait
koncli waitgroup wait ${name} --timeout ${durationText(timeout)}
`;
}

const workThenDone = (name: string) => `\
    konductor_work || echo "worker $i failed" >&2
    # Always call done, even if the work failed
    koncli waitgroup done ${name}`;

const workOrFail = (name: string) => `\
    if konductor_work; then
      koncli waitgroup done ${name}
    else
      # Fails the WaitGroup, and marks the work done
      koncli waitgroup fail ${name} --message "worker $i exited with $?"
    fi`;
