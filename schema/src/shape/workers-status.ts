// What the status of a WaitGroup says of its workers with an identity.
import Type from 'typebox';
import { MAX_RETIRING, MAX_TOTAL, MAX_UID, MAX_WORKER_RECORD_NAME, PRINTABLE, REVISION } from '../values/limits.ts';

const amount = (description: string) => Type.Integer({ format: 'int64', minimum: 0, maximum: MAX_TOTAL, description });

export const RetiringWorker = Type.Object(
  {
    name: Type.String({
      maxLength: MAX_WORKER_RECORD_NAME,
      pattern: PRINTABLE.source,
      description: 'Name of the WaitGroupWorker.',
    }),
    uid: Type.String({ maxLength: MAX_UID, pattern: PRINTABLE.source, description: 'UID of the WaitGroupWorker.' }),
    resourceVersion: Type.String({
      pattern: REVISION.source,
      description:
        'Its resourceVersion. If that changes before the deletion, the WaitGroupWorker is kept, and counted again.',
    }),
    added: amount('Its spec.added, which counter still includes.'),
    done: amount('Its spec.done, which counter still includes.'),
    borrowed: amount('Its spec.borrowed, which counter still includes.'),
  },
  { description: 'A WaitGroupWorker that the operator deletes.' },
);
export type RetiringWorker = Type.Static<typeof RetiringWorker>;

export const WorkersStatus = Type.Object(
  {
    active: amount('Number of WaitGroupWorkers in state Active.'),
    done: amount('Number of WaitGroupWorkers in state Done.'),
    failed: amount('Number of WaitGroupWorkers in state Failed.'),
    lost: amount('Number of WaitGroupWorkers in state Lost.'),
    added: amount('Work that these workers have added, as far as counter includes it.'),
    finished: amount('Work that these workers have added and finished, as far as counter includes it.'),
    borrowed: amount('Work of others that these workers have finished, as far as counter includes it.'),
    revision: Type.String({
      pattern: REVISION.source,
      description:
        'The resourceVersion up to which all WaitGroupWorkers are counted: an add is counted once this is at least the resourceVersion of its WaitGroupWorker.',
    }),
    retiring: Type.Optional(
      Type.Array(RetiringWorker, {
        maxItems: MAX_RETIRING,
        'x-kubernetes-list-type': 'atomic',
        description: 'WaitGroupWorkers of ended pods that the operator deletes. Their work remains counted.',
      }),
    ),
  },
  { description: 'The WaitGroupWorkers of this WaitGroup, as far as counter includes them. Managed by the operator.' },
);
export type WorkersStatus = Type.Static<typeof WorkersStatus>;
