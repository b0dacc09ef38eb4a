// What the cache keeps of a Job or a pod that waits for a WaitGroup: a few hundred bytes of what the rule reads.
import type { KubeObject } from '@konductor/client';
import {
  AFTER_LABEL,
  COUNTS_FOR_LABEL,
  DEFAULT_HELD_MIN_ADDED,
  HOLD_GATE,
  KUEUE_GATES_ANNOTATION,
  KUEUE_QUEUE_LABEL,
  MIN_ADDED_ANNOTATION,
  ON_FAILURE_ANNOTATION,
  ON_MISSING_ANNOTATION,
  RELEASED_AT_ANNOTATION,
} from '@konductor/schema';

/** `kueue`: by an entry in the annotation of Kueue, which owns `suspend` of its Jobs. */
export type Hold = 'suspend' | 'gate' | 'kueue';

export interface HeldObject extends KubeObject {
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
  /** NaN if the annotation is no whole number. */
  readonly minAdded: number;
  readonly isReleasedOnFailure: boolean;
  readonly isReleasedOnMissing: boolean;
  /** The value of Kueue's annotation. */
  readonly kueueGates?: string | undefined;
}

/** The fields of a Job or a pod that decide. */
export interface Workload extends KubeObject {
  readonly metadata: HeldObject['metadata'] & {
    readonly generation?: number;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly suspend?: boolean; readonly schedulingGates?: readonly { readonly name: string }[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Longer lists of Kueue's gates are nobody's. */
const MAX_KUEUE_GATES = 1_024;

/** The transform of the cache of Jobs. */
export const reduceJob = <T extends KubeObject>(job: T): T => reduce(job, 'Job', holdOfJob(job)) as unknown as T;

/** The transform of the cache of pods. */
export const reducePod = <T extends KubeObject>(pod: T): T => reduce(pod, 'Pod', holdOfPod(pod)) as unknown as T;

/** The entries of Kueue's annotation, which Kueue compares as they are written, without ours. */
export function otherKueueGates(gates: string): string {
  return gates
    .split(',')
    .filter((gate) => gate.trim() !== HOLD_GATE)
    .join(',');
}

function reduce(object: Workload, kind: HeldObject['kind'], holder: Hold | undefined): HeldObject {
  const { metadata } = object;
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels = {}, annotations = {} } = metadata;
  const isOver = hasFinished(object) || metadata.deletionTimestamp !== undefined;
  const isPast = isOver || isReleased(object);
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
    minAdded: minAddedOf(annotations[MIN_ADDED_ANNOTATION]),
    isReleasedOnFailure: annotations[ON_FAILURE_ANNOTATION] === 'release',
    isReleasedOnMissing: annotations[ON_MISSING_ANNOTATION] === 'release',
    ...(hold === 'kueue' && { kueueGates: annotations[KUEUE_GATES_ANNOTATION] }),
  };
}

/** Kueue suspends its Jobs itself: to resume one would start it without quota. */
function holdOfJob({ metadata: { labels = {}, annotations = {} }, spec }: Workload): Hold | undefined {
  const { [KUEUE_GATES_ANNOTATION]: gates = '' } = annotations;
  if (gates.length <= MAX_KUEUE_GATES && otherKueueGates(gates) !== gates) return 'kueue';
  return spec?.suspend && labels[KUEUE_QUEUE_LABEL] === undefined ? 'suspend' : undefined;
}

function holdOfPod({ spec }: Workload): Hold | undefined {
  return spec?.schedulingGates?.some(({ name }) => name === HOLD_GATE) ? 'gate' : undefined;
}

function isReleased({ metadata }: Workload): boolean {
  return metadata.annotations?.[RELEASED_AT_ANNOTATION] !== undefined;
}

function hasFinished({ status }: Workload): boolean {
  return (
    status?.conditions?.some(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True') ?? false
  );
}

function minAddedOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_HELD_MIN_ADDED;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
