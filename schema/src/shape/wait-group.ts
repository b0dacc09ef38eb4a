// The WaitGroup kind: its shape, from which the TypeScript types and the CRD follow. The field descriptions are what
// `kubectl explain` prints. Reading an object is left to check/.
import Type from 'typebox';
import { API_GROUP_VERSION, type KindDefinition } from '../kind/kind.ts';
import { waitGroupColumns, waitGroupNames } from '../kind/wait-group-names.ts';
import { MAX_COUNTER, MAX_RECENT_OPERATIONS, MAX_TOTAL } from '../values/limits.ts';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';
import { waitGroupRules, waitGroupTtlRules } from './cel-rules.ts';
import { Condition } from './condition.ts';
import { ObjectMeta } from './object-meta.ts';

const Phase = Type.Enum(['Waiting', 'Done'], {
  type: 'string',
  description: 'Waiting while counter is above zero, Done while it is zero. Written together with counter.',
});
export type WaitGroupPhase = Type.Static<typeof Phase>;

const total = (description: string) =>
  Type.Optional(Type.Integer({ format: 'int64', minimum: 0, maximum: MAX_TOTAL, description }));

export const OperationRecord = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'Identity of the operation, the same for all its retries.',
    }),
    delta: Type.Integer({
      format: 'int64',
      minimum: -MAX_TOTAL,
      maximum: MAX_TOTAL,
      description: 'What it added to counter; negative for done.',
    }),
    by: Type.String({
      maxLength: 253,
      description: 'Who asked for it: the pod or host of the client, as it calls itself.',
    }),
    at: Type.String({
      pattern: TIMESTAMP_PATTERN,
      description: 'When it was sent, by the clock of the client.',
    }),
  },
  { description: 'One change of the counter.' },
);
export type OperationRecord = Type.Static<typeof OperationRecord>;

export const WaitGroupSpec = Type.Object(
  {
    ttl: Type.Optional(
      Type.String({
        maxLength: 64,
        description:
          'How long after its completion the group is deleted, as a Go duration: 1h, 1h30m, 1.5h, 500ms. 0s deletes it at once. Absent: it is never deleted. May be changed at any time.',
        'x-kubernetes-validations': waitGroupTtlRules,
      }),
    ),
    initialCount: Type.Optional(
      Type.Integer({
        format: 'int32',
        minimum: 0,
        maximum: MAX_COUNTER,
        description:
          'The counter that the new group starts with, so that a fixed number of workers needs nobody to add them. Immutable; absent means 0.',
      }),
    ),
  },
  { description: 'What the group should do.' },
);
export type WaitGroupSpec = Type.Static<typeof WaitGroupSpec>;

export const WaitGroupStatus = Type.Object(
  {
    counter: Type.Integer({
      format: 'int32',
      minimum: 0,
      maximum: MAX_COUNTER,
      description: 'Outstanding work: add raises it, done lowers it, and wait returns when it is zero.',
    }),
    phase: Phase,
    added: total('How much was ever added. Never falls.'),
    completions: total('How often counter fell to zero. Never falls.'),
    addedAtCompletion: total('The value of added when counter last fell to zero.'),
    recentOperations: Type.Optional(
      Type.Array(OperationRecord, {
        maxItems: MAX_RECENT_OPERATIONS,
        'x-kubernetes-list-type': 'atomic',
        description: 'The latest changes of the counter, newest first.',
      }),
    ),
    completedAt: Type.Optional(
      Type.String({
        pattern: TIMESTAMP_PATTERN,
        description:
          'When the operator saw the present completion: spec.ttl counts from here. Absent while work is outstanding.',
      }),
    ),
    conditions: Type.Optional(
      Type.Array(Condition, {
        maxItems: 16,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
        description: 'Done is True exactly while counter is zero: kubectl wait --for=condition=Done waitgroup/NAME.',
      }),
    ),
    observedGeneration: Type.Optional(
      Type.Integer({
        format: 'int64',
        minimum: 0,
        maximum: MAX_TOTAL,
        description: 'The metadata.generation that the operator last acted on.',
      }),
    ),
  },
  { description: 'What the group has counted. Changed by koncli and the operator, never by hand.' },
);
export type WaitGroupStatus = Type.Static<typeof WaitGroupStatus>;

export const WaitGroup = Type.Object({
  apiVersion: Type.Literal(API_GROUP_VERSION),
  kind: Type.Literal('WaitGroup'),
  metadata: ObjectMeta,
  spec: Type.Optional(WaitGroupSpec),
  status: Type.Optional(WaitGroupStatus),
});
/** A WaitGroup as the API server stores it. Fields of a newer schema pass through untouched. */
export type WaitGroup = Type.Static<typeof WaitGroup>;

/** Everything the CRD of WaitGroup says. */
export const waitGroupKind: KindDefinition = {
  ...waitGroupNames,
  description:
    'A counter that workloads wait on, like sync.WaitGroup in Go: koncli waitgroup add raises it, done lowers it, and wait returns when it is zero.',
  spec: WaitGroupSpec,
  status: WaitGroupStatus,
  rules: waitGroupRules,
  printerColumns: waitGroupColumns,
};
