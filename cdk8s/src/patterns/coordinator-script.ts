// The script of a coordinator: POSIX shell that starts workers in the background and waits for them.
import type { Duration } from 'cdk8s';
import { durationText } from '../props/durations.ts';

/** The work of the workers in the pod of a coordinator. */
export interface CoordinatedWork {
  /** Shell commands of one worker, on one or more lines; `$i` is the number of the worker. */
  readonly work: string;
  /**
   * What happens when a worker fails: with `done`, its work is done; with `fail`, the WaitGroup fails as well, so that all waiters
   * end at once, this Job included, which ends the workers in its pod. Default: `done`.
   */
  readonly onFailure?: 'done' | 'fail';
}

/** How a coordinator counts its workers, and waits for them. */
export interface Coordination {
  /**
   * What counts the work. `koncli`: koncli in the pod counts each worker. `label`: the operator counts the Job as one, by its
   * label, so that the pod needs neither koncli nor permissions; `timeout` is the `activeDeadlineSeconds` of the Job, and if the
   * Job fails, so does the WaitGroup. Default: `koncli`.
   */
  readonly by?: 'koncli' | 'label';
  /** Time limit of the wait for the workers, as a Duration or as text in Go's format, such as `30m`. */
  readonly timeout: Duration | string;
}

/** The work of a coordinator. */
export interface CoordinatorWork extends CoordinatedWork, Coordination {
  /** Number of workers, at least 1, or a shell command that prints it when the Job runs. */
  readonly workers: number | string;
}

/**
 * The user's commands are on lines of their own, for comments and heredocs, and come first: a syntax error in them stops the
 * script before anything is added. The names of functions must not hide commands.
 */
export function coordinatorScript(waitGroup: string, props: CoordinatorWork): string {
  const { by, workers, work } = props;
  const isKnown = typeof workers === 'number';
  const count = isKnown ? `${workers}` : '"$count"';
  const { before, worker, wait } = by === 'label' ? uncounted(props) : counted(waitGroup, count, props);
  return `set -e
konductor_work() (
${work}
)
${isKnown ? '' : `count=$(\n${workers}\n)\n`}${before}# Start workers
for i in $(seq ${count}); do
  {
${worker}
  } &
done
# Wait
${wait}
`;
}

interface Steps {
  readonly before: string;
  readonly worker: string;
  readonly wait: string;
}

const WORK_ON = 'konductor_work || echo "worker $i failed" >&2';

function counted(waitGroup: string, count: string, { onFailure, timeout }: CoordinatorWork): Steps {
  return {
    before: `# Add before starting, and all at once: the WaitGroup must not be done before the last worker has started
koncli waitgroup add ${waitGroup} --delta ${count}
`,
    worker: onFailure === 'fail' ? workOrFail(waitGroup) : workThenDone(waitGroup),
    wait: `koncli waitgroup wait ${waitGroup} --timeout ${durationText(timeout)}`,
  };
}

const workThenDone = (name: string) => `\
    ${WORK_ON}
    # Always call done, even if the work failed
    koncli waitgroup done ${name}`;

const workOrFail = (name: string) => `\
    if konductor_work; then
      koncli waitgroup done ${name}
    else
      # Fails the WaitGroup, and marks the work done
      koncli waitgroup fail ${name} --message "worker $i exited with $?"
    fi`;

function uncounted({ onFailure }: CoordinatorWork): Steps {
  const fail = `konductor_work || { echo "worker $i exited with $?" >&2; kill -USR1 $$; }`;
  return {
    before: onFailure === 'fail' ? `# The first worker that fails ends the Job\ntrap 'exit 1' USR1\n` : '',
    worker: `    ${onFailure === 'fail' ? fail : WORK_ON}`,
    wait: 'wait',
  };
}
