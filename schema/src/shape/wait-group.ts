// The WaitGroup kind: its shape, from which the TypeScript types and the CRD follow. The field descriptions are what
// `kubectl explain` prints. Reading an object is left to check/.
import Type from 'typebox';
import { API_GROUP_VERSION, type KindDefinition } from '../kind/kind.ts';
import { waitGroupColumns, waitGroupNames } from '../kind/wait-group-names.ts';
import {
  MAX_CLIENT_NAME,
  MAX_CONDITIONS,
  MAX_COUNTER,
  MAX_FAILURE_MESSAGE,
  MAX_OPERATION_ID,
  MAX_REASON,
  MAX_RECENT_OPERATIONS,
  MAX_TOTAL,
  PRINTABLE,
  REASON,
} from '../values/limits.ts';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';
import { waitGroupDeadlineRules, waitGroupRules, waitGroupTtlRules } from './cel-rules.ts';
import { Condition } from './condition.ts';
import { ObjectMeta } from './object-meta.ts';
import { WorkersStatus } from './workers-status.ts';

const Phase = Type.Enum(['Waiting', 'Done'], {
  type: 'string',
  description: 'Waiting while counter is above zero, Done while it is zero. Always updated together with counter.',
});
export type WaitGroupPhase = Type.Static<typeof Phase>;

const total = (description: string) =>
  Type.Optional(Type.Integer({ format: 'int64', minimum: 0, maximum: MAX_TOTAL, description }));

export const OperationRecord = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: MAX_OPERATION_ID,
      pattern: PRINTABLE.source,
      description: 'Unique ID of the operation. All its retries have the same ID.',
    }),
    delta: Type.Integer({
      format: 'int64',
      minimum: -MAX_TOTAL,
      maximum: MAX_TOTAL,
      description: 'Amount that the operation added to counter. Negative for koncli waitgroup done.',
    }),
    by: Type.String({
      maxLength: MAX_CLIENT_NAME,
      pattern: PRINTABLE.source,
      description: 'Name of the pod or host that requested the operation, as reported by the client.',
    }),
    at: Type.String({
      pattern: TIMESTAMP_PATTERN,
      description: 'When the client sent the operation, according to its own clock.',
    }),
  },
  { description: 'A change of counter, or a failure that changed nothing else.' },
);
export type OperationRecord = Type.Static<typeof OperationRecord>;

const Outcome = Type.Enum(['Succeeded', 'Failed'], {
  type: 'string',
  description:
    "How the present round ended: Succeeded when counter reached zero, Failed as soon as work failed or the deadline passed. Unset while undecided. Never changes within a round; a round begins when counter leaves zero. To wait for either: kubectl wait --for=jsonpath='{.status.outcome}' waitgroup/NAME.",
});
export type WaitGroupOutcome = Type.Static<typeof Outcome>;

export const WaitGroupFailure = Type.Object(
  {
    reason: Type.String({
      minLength: 1,
      maxLength: MAX_REASON,
      pattern: REASON.source,
      description:
        'Machine-readable reason, one CamelCase word: WorkerFailed, DeadlineExceeded, or one that the client chose.',
    }),
    message: Type.String({
      minLength: 1,
      maxLength: MAX_FAILURE_MESSAGE,
      description: 'Human-readable explanation of the failure.',
    }),
    worker: Type.Optional(
      Type.String({
        maxLength: MAX_CLIENT_NAME,
        pattern: PRINTABLE.source,
        description: 'Name of the pod or host that reported the failure. Unset if the operator did.',
      }),
    ),
    at: Type.String({
      pattern: TIMESTAMP_PATTERN,
      description: 'When the failure was reported, according to the clock of the client that reported it.',
    }),
  },
  { description: 'The first failure of the present round. Set if and only if outcome is Failed.' },
);
export type WaitGroupFailure = Type.Static<typeof WaitGroupFailure>;

const WorkerPolicy = Type.Enum(['Keep', 'Release', 'Fail'], {
  type: 'string',
  description:
    'What the operator does when the pod of a worker is gone or has ended before the worker finished: Keep its work outstanding and report it in an Event, Release its work so that it counts as finished, or Fail the round with reason WorkerLost. If unset, Keep.',
});
export type WorkerPolicy = Type.Static<typeof WorkerPolicy>;

export const WaitGroupSpec = Type.Object(
  {
    ttl: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'How long the WaitGroup is kept after completion or failure, as a Go duration such as 1h, 1h30m, 1.5h or 500ms. The operator then deletes it, even if work of a failed round is still outstanding; 0s deletes it immediately. If unset, the WaitGroup is never deleted. Can be changed at any time.',
        'x-kubernetes-validations': waitGroupTtlRules,
      }),
    ),
    deadline: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'How long work may be outstanding, as a Go duration above zero such as 2h or 30m. If counter is not zero again by then, the operator fails the round with reason DeadlineExceeded. Starts when the operator observes that counter has left zero. If unset, work may be outstanding forever. Can be changed at any time.',
        'x-kubernetes-validations': waitGroupDeadlineRules,
      }),
    ),
    initialCount: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 0,
        maximum: MAX_COUNTER,
        description:
          'Initial value of counter. Set it to a fixed number of workers, and no client needs to add them. If unset, counter starts at 0. Immutable.',
      }),
    ),
    workerPolicy: Type.Optional(WorkerPolicy),
  },
  { description: 'Desired behavior of the WaitGroup.' },
);
export type WaitGroupSpec = Type.Static<typeof WaitGroupSpec>;

export const WaitGroupStatus = Type.Object(
  {
    counter: Type.Integer({
      format: 'int32',
      minimum: 0,
      maximum: MAX_COUNTER,
      description:
        'Outstanding work. koncli waitgroup add increases it, done decreases it, and wait returns when it is zero.',
    }),
    phase: Phase,
    added: total('Total amount of work added. Never decreases.'),
    completions: total('Number of times that counter reached zero. Never decreases.'),
    addedAtCompletion: total('Value of added when counter last reached zero.'),
    recentOperations: Type.Optional(
      Type.Array(OperationRecord, {
        maxItems: MAX_RECENT_OPERATIONS,
        'x-kubernetes-list-type': 'atomic',
        description: 'The most recent changes of counter, newest first.',
      }),
    ),
    workers: Type.Optional(WorkersStatus),
    completedAt: Type.Optional(
      Type.String({
        pattern: TIMESTAMP_PATTERN,
        description:
          'When the operator observed the current completion; spec.ttl starts at this time, or at failedAt if that is earlier. Unset while work is outstanding.',
      }),
    ),
    outcome: Type.Optional(Outcome),
    failure: Type.Optional(WaitGroupFailure),
    failures: total('Number of rounds that failed. Never decreases.'),
    startedAt: Type.Optional(
      Type.String({
        pattern: TIMESTAMP_PATTERN,
        description:
          'When the operator observed the start of the present round; spec.deadline starts at this time. Unset in a round that has had no deadline.',
      }),
    ),
    failedAt: Type.Optional(
      Type.String({
        pattern: TIMESTAMP_PATTERN,
        description:
          'When the operator observed the failure of the present round; spec.ttl starts at this time. Unset unless outcome is Failed.',
      }),
    ),
    conditions: Type.Optional(
      Type.Array(Condition, {
        maxItems: MAX_CONDITIONS,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        description:
          'Conditions of the WaitGroup. Done is True if and only if counter is zero: kubectl wait --for=condition=Done waitgroup/NAME. Failed and Stalled are True while the present round is failed, and absent otherwise. Overrun is True while workers have finished more work than was added.',
      }),
    ),
    observedGeneration: Type.Optional(
      Type.Integer({
        format: 'int64',
        minimum: 0,
        maximum: MAX_TOTAL,
        description: 'The metadata.generation that the operator most recently processed.',
      }),
    ),
  },
  { description: 'Observed state of the WaitGroup. Managed by koncli and the operator; do not edit it.' },
);
export type WaitGroupStatus = Type.Static<typeof WaitGroupStatus>;

export const WaitGroup = Type.Object({
  apiVersion: Type.Literal(API_GROUP_VERSION),
  kind: Type.Literal('WaitGroup'),
  metadata: ObjectMeta,
  spec: Type.Optional(WaitGroupSpec),
  status: Type.Optional(WaitGroupStatus),
});
/** A WaitGroup as the API server stores it. Fields that a newer schema adds pass through unchanged. */
export type WaitGroup = Type.Static<typeof WaitGroup>;

/** The definition of the kind, from which its CRD is made. */
export const waitGroupKind: KindDefinition = {
  ...waitGroupNames,
  description:
    'A counter that workloads wait on, like sync.WaitGroup in Go. koncli waitgroup add increases it, done decreases it, and wait returns when it is zero.',
  spec: WaitGroupSpec,
  status: WaitGroupStatus,
  rules: waitGroupRules,
  printerColumns: waitGroupColumns,
};
