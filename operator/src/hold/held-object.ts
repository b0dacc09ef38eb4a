// What the cache keeps of a Job or a pod that waits for a WaitGroup: a few hundred bytes of what the rule reads.
import type { KubeObject } from '@konductor/client';
import {
  AFTER_LABEL,
  COUNTS_FOR_LABEL,
  type Hold,
  type HoldFields,
  type HoldTerms,
  holdOfJob,
  holdOfPod,
  holdTermsOf,
  KUEUE_GATES_ANNOTATION,
  RELEASED_AT_ANNOTATION,
} from '@konductor/schema';
import { type JobConditions, jobEnd } from '../workers/job-end.ts';

export interface HeldObject extends KubeObject, HoldTerms {
  readonly apiVersion: string;
  readonly kind: 'Job' | 'Pod';
  readonly metadata: KubeObject['metadata'] & { readonly creationTimestamp?: string };
  /** The name of the WaitGroup. */
  readonly after: string;
  /** Undefined: nothing holds it, or it has finished, is being deleted or was let go. */
  readonly hold: Hold | undefined;
  /** Whether nothing has held it since its creation. */
  readonly wasNeverHeld: boolean;
  /** Whether the Job was let go and is suspended nevertheless. */
  readonly isSuspendedAgain: boolean;
  /** Whether the WaitGroup counts the Job as a worker. */
  readonly isCounted: boolean;
  /** The value of Kueue's annotation. */
  readonly kueueGates?: string | undefined;
}

/** The fields of a Job or a pod that decide. */
export interface Workload extends KubeObject, HoldFields, JobConditions {
  readonly metadata: HeldObject['metadata'] &
    HoldFields['metadata'] & { readonly generation?: number; readonly deletionTimestamp?: string };
}

/** The transform of the cache of Jobs. */
export const reduceJob = <T extends KubeObject>(job: T): T =>
  reduce(job, 'Job', holdOfJob(job as Workload)) as unknown as T;

/** The transform of the cache of pods. */
export const reducePod = <T extends KubeObject>(pod: T): T =>
  reduce(pod, 'Pod', holdOfPod(pod as Workload)) as unknown as T;

function reduce(object: Workload, kind: HeldObject['kind'], holder: Hold | undefined): HeldObject {
  const { metadata } = object;
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels = {}, annotations = {} } = metadata;
  const isOver = jobEnd(object) !== undefined || metadata.deletionTimestamp !== undefined;
  const isPast = isOver || annotations[RELEASED_AT_ANNOTATION] !== undefined;
  const hold = isPast ? undefined : holder;
  const { [AFTER_LABEL]: after = '', [COUNTS_FOR_LABEL]: countsFor } = labels;
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'v1',
    kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp } as HeldObject['metadata'],
    after,
    hold,
    wasNeverHeld: !isPast && holder === undefined && metadata.generation === 1,
    isSuspendedAgain: !isOver && isPast && holder === 'suspend',
    isCounted: kind === 'Job' && countsFor === after,
    ...holdTermsOf(annotations),
    ...(hold === 'kueue' && { kueueGates: annotations[KUEUE_GATES_ANNOTATION] }),
  };
}
