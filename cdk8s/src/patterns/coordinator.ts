// A Job of one pod that adds its workers to a WaitGroup, starts them in the background and waits for them.
import type { Duration } from 'cdk8s';
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { checkTimeout, durationText } from '../props/durations.ts';
import { checkImage, checkSecretNames, checkText, shown, wholeNumber } from '../props/rules.ts';
import { optional, type Shape } from '../props/shapes.ts';
import type { WaitGroup } from '../wait-group/wait-group.ts';
import { type AddKoncliOptions, addKoncli } from '../workloads/add-koncli.ts';
import { checkDelivery } from '../workloads/koncli-volume.ts';
import { podTemplate, shell } from './pod-template.ts';

/** How koncli comes into the pods of a pattern, and with which Secrets their images are pulled. */
export interface KoncliProps {
  /** Absent: {@link KONCLI_IMAGE}. */
  readonly koncliImage?: AddKoncliOptions['image'];
  /** Absent: `imageVolume`. */
  readonly koncliDelivery?: AddKoncliOptions['delivery'];
  /** Secrets of the pods' namespace. */
  readonly imagePullSecrets?: AddKoncliOptions['imagePullSecrets'];
}

/** What a coordinator is made of. */
export interface CoordinatorProps extends KoncliProps {
  /** Of the Job. */
  readonly name: string;
  /** Counts the workers. */
  readonly waitGroup: WaitGroup;
  /** May count on the group. */
  readonly serviceAccount: IServiceAccount;
  /** How many workers, or a shell command that prints it when the Job runs: one at least. */
  readonly workers: number | string;
  /** The shell command of one worker, of one line or several; its number is in `$i`. */
  readonly work: string;
  /** How long to wait for the workers: a Duration, or text as Go writes it, like `30m`. */
  readonly timeout: Duration | string;
  /** With a shell, and `seq`. */
  readonly image: string;
}

/** The Job, which is not tried again when it fails. */
export function coordinatorJob(scope: Construct, id: string, props: CoordinatorProps): k8s.KubeJob {
  const { name, waitGroup, serviceAccount, image, koncliImage, koncliDelivery, imagePullSecrets } = props;
  const container = shell('coord', coordinatorScript(props));
  const job = new k8s.KubeJob(scope, id, {
    metadata: { name },
    spec: {
      // A second attempt would add its workers to those of the first, which nobody finishes any more.
      backoffLimit: 0,
      template: podTemplate({ app: name, serviceAccount, image, container, restartPolicy: 'Never' }),
    },
  });
  job.addDependency(waitGroup, serviceAccount);
  addKoncli(job, { image: koncliImage, delivery: koncliDelivery, imagePullSecrets });
  return job;
}

export const KONCLI_PROPS: Shape<KoncliProps> = {
  koncliImage: optional(checkImage),
  koncliDelivery: optional(checkDelivery),
  imagePullSecrets: optional(checkSecretNames),
};

/** Of what the patterns' users decide on. */
export const COORDINATOR: Shape<Pick<CoordinatorProps, 'workers' | 'work' | 'timeout' | 'image'>> = {
  workers: checkWorkers,
  work: checkText,
  timeout: checkTimeout,
  image: checkImage,
};

function checkWorkers(workers: unknown, what: string): void {
  if (typeof workers === 'number') wholeNumber(1)(workers, what);
  else if (typeof workers === 'string') checkCommand(workers, what);
  else throw new Error(`${what} is ${shown(workers)}: write a whole number, or a command that prints one`);
}

function checkCommand(command: string, what: string): void {
  checkText(command, what);
  if (/^\d+$/.test(command)) throw new Error(`${what} is "${command}", which would be a command: write ${command}`);
}

/**
 * What users write has lines of its own, for comments and heredocs, and comes first: what no shell can read is not counted.
 * Functions have names that no command has.
 */
function coordinatorScript({ waitGroup: { name }, workers, work, timeout }: CoordinatorProps): string {
  const isKnown = typeof workers === 'number';
  const count = isKnown ? `${workers}` : '"$count"';
  return `set -e
konductor_work() (
${work}
)
${isKnown ? '' : `count=$(\n${workers}\n)\n`}# Add before starting, all at once: nobody can see the group done before the last worker has started
koncli waitgroup add ${name} --delta ${count}
# Start workers
for i in $(seq ${count}); do
  {
    konductor_work || echo "worker $i failed" >&2
    # Always call done, also when the work failed
    koncli waitgroup done ${name}
  } &
done
# Wait
koncli waitgroup wait ${name} --timeout ${durationText(timeout)}
`;
}
