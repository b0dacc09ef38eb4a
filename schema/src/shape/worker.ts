// The WaitGroupWorker kind: what one worker with an identity has added and finished. The counter of its WaitGroup follows from the
// sum of all of them, so that no two workers write the same object.
import Type from 'typebox';
import { API_GROUP_VERSION, type KindDefinition } from '../kind/kind.ts';
import { workerColumns, workerNames } from '../kind/worker-names.ts';
import { DNS_LABEL, DNS_SUBDOMAIN, MAX_DNS_SUBDOMAIN } from '../values/dns-name.ts';
import {
  MAX_FAILURE_MESSAGE,
  MAX_OPERATION_ID,
  MAX_REASON,
  MAX_TOTAL,
  MAX_UID,
  PRINTABLE,
  REASON,
} from '../values/limits.ts';
import { ObjectMeta } from './object-meta.ts';
import { immutable, workerRules } from './worker-cel-rules.ts';

const label = (description: string) =>
  Type.String({
    maxLength: 63,
    pattern: DNS_LABEL.source,
    description,
    'x-kubernetes-validations': immutable,
  });

const total = (description: string) =>
  Type.Integer({ format: 'int64', minimum: 0, maximum: MAX_TOTAL, default: 0, description });

const WorkerState = Type.Enum(['Active', 'Done', 'Failed', 'Lost'], {
  type: 'string',
  description:
    'Active while the worker works; Done or Failed once it has finished; Lost if the operator or koncli waitgroup release finished the work in its place.',
});
export type WorkerState = Type.Static<typeof WorkerState>;

const reference = (kind: string, description: string) =>
  Type.Object(
    {
      name: Type.String({
        minLength: 1,
        maxLength: MAX_DNS_SUBDOMAIN,
        pattern: DNS_SUBDOMAIN.source,
        description: `Name of the ${kind}.`,
      }),
      uid: Type.String({
        minLength: 1,
        maxLength: MAX_UID,
        pattern: PRINTABLE.source,
        description: `UID of the ${kind}.`,
      }),
    },
    { description },
  );

export const PodReference = reference(
  'pod',
  'Pod of the worker. If it ends before the worker has finished, the worker is lost.',
);
export type PodReference = Type.Static<typeof PodReference>;

export const JobReference = reference(
  'Job',
  'Job that is the worker, in place of a pod. The operator keeps its record, from the label konductor.io/counts-for of the Job.',
);
export type JobReference = Type.Static<typeof JobReference>;

export const WaitGroupWorkerSpec = Type.Object(
  {
    waitGroup: label('Name of the WaitGroup that the worker works for. Immutable.'),
    waitGroupUid: Type.String({
      minLength: 8,
      maxLength: MAX_UID,
      pattern: PRINTABLE.source,
      description: 'UID of that WaitGroup: the worker does not count in another one of the same name. Immutable.',
      'x-kubernetes-validations': immutable,
    }),
    worker: label('ID of the worker, unique in its WaitGroup, such as the name of its pod. Immutable.'),
    added: total('Work that the worker has added, one unit at a time. Never decreases.'),
    done: total('Work that the worker has added and finished. Never decreases.'),
    borrowed: total('Work of others that the worker has finished. Never decreases.'),
    round: total("The WaitGroup's completions when the worker last added work, or finished work of others."),
    state: WorkerState,
    pod: Type.Optional(PodReference),
    job: Type.Optional(JobReference),
    operation: Type.Optional(
      Type.String({
        maxLength: MAX_OPERATION_ID,
        pattern: PRINTABLE.source,
        description: 'ID of the last change, by which a retry recognizes that it was made.',
      }),
    ),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_REASON,
        pattern: REASON.source,
        description: 'Machine-readable reason of the failure, one CamelCase word. WorkerFailed if unset.',
      }),
    ),
    message: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_FAILURE_MESSAGE,
        description: 'Human-readable explanation of the failure or loss.',
      }),
    ),
  },
  { description: 'The tally of the worker.' },
);
export type WaitGroupWorkerSpec = Type.Static<typeof WaitGroupWorkerSpec>;

export const WaitGroupWorker = Type.Object({
  apiVersion: Type.Literal(API_GROUP_VERSION),
  kind: Type.Literal('WaitGroupWorker'),
  metadata: ObjectMeta,
  spec: WaitGroupWorkerSpec,
});
/** A WaitGroupWorker as the API server stores it. */
export type WaitGroupWorker = Type.Static<typeof WaitGroupWorker>;

/** The definition of the kind, from which its CRD is made. */
export const waitGroupWorkerKind: KindDefinition = {
  ...workerNames,
  description:
    'A worker of a WaitGroup with an identity. Creating it in state Active adds its work; changing its state to Done finishes it. Its WaitGroup counts it once, however often it is retried.',
  required: ['spec'],
  spec: WaitGroupWorkerSpec,
  selectableFields: ['.spec.waitGroup'],
  rules: workerRules,
  printerColumns: workerColumns,
};
