// Conditions, as the API conventions of Kubernetes define them.
import Type from 'typebox';
import { MAX_CONDITION_MESSAGE, MAX_REASON, PRINTABLE } from '../values/limits.ts';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';

export const Condition = Type.Object(
  {
    type: Type.String({
      maxLength: 63,
      pattern: PRINTABLE.source,
      description: 'Type of the condition, such as Done.',
    }),
    status: Type.Enum(['True', 'False', 'Unknown'], {
      type: 'string',
      description: 'Status of the condition: True, False or Unknown.',
    }),
    reason: Type.String({
      minLength: 1,
      maxLength: MAX_REASON,
      pattern: PRINTABLE.source,
      description: 'Machine-readable reason for the status, one CamelCase word.',
    }),
    message: Type.String({
      maxLength: MAX_CONDITION_MESSAGE,
      description: 'Human-readable explanation of the status.',
    }),
    lastTransitionTime: Type.String({
      pattern: TIMESTAMP_PATTERN,
      description: 'Last time that status changed.',
    }),
    observedGeneration: Type.Optional(
      Type.Integer({
        format: 'int64',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'The metadata.generation for which the condition was set.',
      }),
    ),
  },
  { description: 'An observation of the state of the object.' },
);

/** https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
export type Condition = Type.Static<typeof Condition>;
