// A Job of one pod that adds its workers to a WaitGroup, starts them in the background and waits for them.
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { addKoncli } from '../koncli.ts';
import { podTemplate, shell } from './pod-template.ts';

/** What a coordinator is made of. */
export interface CoordinatorProps {
  /** Of the Job. */
  readonly name: string;
  readonly waitGroup: string;
  readonly serviceAccount: IServiceAccount;
  /** How many workers, or a shell command that prints it when the Job runs: one at least. */
  readonly workers: number | string;
  /** The shell command of one worker; its number is in `$i`. */
  readonly work: string;
  /** How long to wait for the workers, as a Go duration. */
  readonly timeout: string;
  readonly image: string;
  readonly koncliImage?: string;
  /** What to wait for before anything starts. */
  readonly initContainer?: k8s.Container;
}

/** The Job, which is not tried again when it fails. */
export function coordinatorJob(scope: Construct, id: string, props: CoordinatorProps): k8s.KubeJob {
  const { name, serviceAccount, image, initContainer, koncliImage } = props;
  const container = shell('coord', coordinatorScript(props));
  const job = new k8s.KubeJob(scope, id, {
    metadata: { name },
    spec: {
      // A second attempt would add its workers to those of the first, which nobody finishes any more.
      backoffLimit: 0,
      template: podTemplate({ app: name, serviceAccount, image, container, initContainer, restartPolicy: 'Never' }),
    },
  });
  addKoncli(job, { image: koncliImage });
  return job;
}

function coordinatorScript({ waitGroup, workers, work, timeout }: CoordinatorProps): string {
  const isKnown = typeof workers === 'number';
  const count = isKnown ? `${workers}` : '"$count"';
  return `set -e
${isKnown ? '' : `count=$(${workers})\n`}# Add before starting, all at once: nobody can see the group done before the last worker has started
koncli waitgroup add ${waitGroup} --delta ${count}
# Start workers
for i in $(seq ${count}); do
  {
    (${work}) || echo "worker $i failed" >&2
    # Always call done, also when the work failed
    koncli waitgroup done ${waitGroup}
  } &
done
# Wait
koncli waitgroup wait ${waitGroup} --timeout ${timeout}
`;
}
