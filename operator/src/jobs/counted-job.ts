// What the operator keeps of a Job with the label konductor.io/counts-for: a few hundred bytes.
import type { KubeObject } from '@konductor/client';
import { ADD_ANNOTATION, COUNTS_FOR_LABEL, MAX_FAILURE_MESSAGE, type WaitGroupWorker } from '@konductor/schema';
import { type JobConditions, type JobEnd, jobEnd } from '../workers/job-end.ts';

export interface CountedJob extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly deletionTimestamp?: string };
  /** The name of the WaitGroup; undefined without the label. */
  readonly waitGroup: string | undefined;
  /** Whether another process has added its work. */
  readonly isAdded: boolean;
  readonly end?: JobEnd;
}

interface Job extends KubeObject, JobConditions {
  readonly metadata: CountedJob['metadata'] & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The transform of the cache. */
export function reduceCountedJob<T extends KubeObject>(object: T): T {
  const job = object as unknown as Job;
  const { name, namespace, uid, resourceVersion, deletionTimestamp, labels, annotations } = job.metadata;
  const end = jobEnd(job);
  const reduced = {
    metadata: { name, ...{ namespace, uid, resourceVersion }, ...(deletionTimestamp && { deletionTimestamp }) },
    waitGroup: labels?.[COUNTS_FOR_LABEL],
    isAdded: annotations?.[ADD_ANNOTATION] === 'false',
    ...(end && { end: { ...end, ...(end.message && { message: end.message.slice(0, MAX_FAILURE_MESSAGE) }) } }),
  };
  return reduced as unknown as T;
}

/** What one name of a Job is in one name of a WaitGroup: `namespace/WaitGroup/Job`. It is the key of the queue. */
export function slotOf({ metadata, waitGroup }: CountedJob): string {
  return `${metadata.namespace}/${waitGroup}/${metadata.name}`;
}

/** The slot of a record that a Job owns; undefined for any other. */
export function slotOfRecord({ metadata, spec }: WaitGroupWorker): string | undefined {
  return spec.job && `${metadata.namespace}/${spec.waitGroup}/${spec.job.name}`;
}

export interface Slot {
  readonly namespace: string;
  readonly waitGroup: string;
  readonly job: string;
}

export function parseSlot(slot: string): Slot {
  const [namespace = '', waitGroup = '', job = ''] = slot.split('/');
  return { namespace, waitGroup, job };
}

/** A path without its last part: of a slot, `namespace/WaitGroup`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
