// Conditions as Kubernetes' API conventions define them.
import Type from 'typebox';
import { TIMESTAMP_PATTERN } from '../values/timestamp.ts';

export const Condition = Type.Object(
  {
    type: Type.String({ maxLength: 316, description: 'What the condition is about, such as Done.' }),
    status: Type.Enum(['True', 'False', 'Unknown'], { type: 'string', description: 'Whether it holds.' }),
    reason: Type.String({ minLength: 1, maxLength: 1024, description: 'One CamelCase word for programs: why.' }),
    message: Type.String({ maxLength: 32768, description: 'A sentence for people: why.' }),
    lastTransitionTime: Type.String({
      pattern: TIMESTAMP_PATTERN,
      description: 'When status last changed.',
    }),
    observedGeneration: Type.Optional(
      Type.Integer({
        format: 'int64',
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'The metadata.generation that it was set for.',
      }),
    ),
  },
  { description: 'One observation about the object.' },
);

/** https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties */
export type Condition = Type.Static<typeof Condition>;
