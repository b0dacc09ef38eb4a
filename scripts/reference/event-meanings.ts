// What the reasons of Events, conditions and failures mean: one without a meaning here does not compile.
import type { ConditionType, EventReason, FailureReason } from '@konductor/schema';

interface EventMeaning {
  readonly about: string;
  /** Absent: the operator. */
  readonly from?: string;
  readonly when: string;
  /** What the values in the message are, where their names do not say it. */
  readonly values?: string;
  /** Absent: nothing has to be done. */
  readonly remedy?: string;
}

const GROUP = { about: 'WaitGroup' };
const HELD = { about: 'Job or pod' };
const GUIDES = '../guides';
const LOST = `Start the worker again, or give its work up: \`koncli waitgroup release NAME --worker ID\`. See [Workers](${GUIDES}/workers.md).`;

export const EVENT_MEANINGS: Readonly<Record<EventReason, EventMeaning>> = {
  Completed: { ...GROUP, when: 'the operator records the completion of a round that succeeded' },
  Failed: {
    ...GROUP,
    when: 'it records a failure that a client reported, once for each round',
    values: '`{reason}` and `{message}` are those of `status.failure`, and `{by}` names its worker',
    remedy: `See [Failure and deadlines](${GUIDES}/failure.md).`,
  },
  DeadlineExceeded: {
    ...GROUP,
    when: 'it fails a round whose `spec.deadline` has passed',
    values: '`{message}` is that of `status.failure`',
    remedy:
      '`koncli waitgroup status NAME` shows whose work is outstanding. Set a longer deadline, or begin the next round.',
  },
  Expired: {
    ...GROUP,
    when: 'it deletes the WaitGroup after its TTL',
    values: '`{event}` is `completion` or `failure`',
    remedy: 'Set a longer `spec.ttl` if a client still needs it.',
  },
  Corrected: {
    ...GROUP,
    when: 'it replaces an impossible `completedAt`, `failedAt` or `startedAt`',
    values: '`{what}` is `TTL` or `deadline`',
    remedy: `Check who wrote the status, and the clocks: see [Clocks](${GUIDES}/operator.md#clocks).`,
  },
  WorkerLost: {
    ...GROUP,
    when: 'the pod of a worker ended, or its Job was deleted or lost its label, before the work was done; once for each worker and pod',
    values: '`{consequence}` follows from `spec.workerPolicy`',
    remedy: LOST,
  },
  JobFailed: {
    ...GROUP,
    when: 'a Job that counts failed; once for each Job',
    values: '`{consequence}` follows from `spec.workerPolicy`',
    remedy: LOST,
  },
  WorkerIdInUse: {
    ...GROUP,
    when: 'a Job with the label `konductor.io/counts-for` has the name of a worker that is a pod',
    remedy: 'Give the Job another name.',
  },
  CounterSet: {
    ...GROUP,
    from: 'koncli',
    when: '`koncli waitgroup set` has changed the counter',
    values: '`{reason}` is the value of `--reason`',
  },
  Released: {
    ...HELD,
    when: 'it releases a held Job or pod',
    values: '`{message}` says why: the WaitGroup is done, failed or does not exist',
  },
  ReleaseForbidden: {
    ...HELD,
    when: 'it is not allowed to patch the object',
    remedy: 'Apply `hold.yaml`, or set `hold.enabled=true` of the chart.',
  },
  WaitGroupMissing: {
    ...HELD,
    when: 'the WaitGroup of a held object has not existed for 30 seconds',
    remedy: `Create the WaitGroup, correct the label, or set the annotation. See [Labels](${GUIDES}/labels.md).`,
  },
  WaitGroupFailed: {
    ...HELD,
    when: 'the round that a held object waits for has failed; once for each round',
    values: '`{failure}` is that of the WaitGroup',
    remedy: 'Begin a new round, or set the annotation `konductor.io/on-failure: release`.',
  },
  NotHeld: {
    ...HELD,
    when: 'an object with the label `konductor.io/after` was created without anything that holds it',
    remedy: 'Apply `hold.yaml`, which holds such objects, or set `suspend` or the scheduling gate in the manifest.',
  },
  SuspendedAgain: {
    about: 'Job',
    when: 'a Job that was released is suspended again',
    remedy: `Leave \`suspend\` out of the manifest: see [GitOps](${GUIDES}/gitops.md#workloads-that-are-held).`,
  },
  WaitsForItself: {
    about: 'Job',
    when: 'a held Job counts for the WaitGroup that it waits for',
    remedy: 'Remove one of the two labels.',
  },
  InvalidAnnotation: {
    ...HELD,
    when: 'the annotation `konductor.io/min-added` of a held object is no whole number',
    remedy: 'Correct the annotation.',
  },
  LeaderElection: {
    about: 'Lease',
    when: 'an operator becomes the leader, or stops leading in a graceful shutdown',
    values: '`{what}` is `became leader` or `stopped leading`, as in client-go',
  },
};

export const CONDITION_MEANINGS: Readonly<Record<ConditionType, string>> = {
  Done: 'True if and only if the counter is zero. It is always there.',
  Failed:
    'True while the present round is failed, and absent otherwise. Its reason and message are those of `status.failure`.',
  Stalled: 'The same as `Failed`, for tools that read kstatus: Flux, Helm and kpt.',
  Overrun:
    'True while workers have finished more work than was added, and absent otherwise. Compare what the coordinator adds with how many workers there are.',
};

export const FAILURE_MEANINGS: Readonly<Record<FailureReason, { readonly meaning: string; readonly remedy: string }>> =
  {
    WorkerFailed: {
      meaning: 'a worker marked its work failed, and gave no other reason',
      remedy: 'see the log of the worker that `status.failure.worker` names',
    },
    WorkerLost: {
      meaning: 'a worker ended before its work was done, and `spec.workerPolicy` is `Fail`',
      remedy: '`koncli waitgroup status NAME` names the worker and its pod',
    },
    JobFailed: {
      meaning: 'a Job that counts failed, and `spec.workerPolicy` is `Fail`',
      remedy: '`kubectl describe job NAME` says why',
    },
    DeadlineExceeded: {
      meaning: 'work was outstanding for longer than `spec.deadline`',
      remedy: '`koncli waitgroup status NAME` shows whose work is outstanding',
    },
  };
