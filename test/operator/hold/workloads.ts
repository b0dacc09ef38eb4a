// Builds Jobs and pods that wait for the WaitGroup `batch`, as the API server has them and as the cache keeps them.
import { type HeldObject, reduceJob, reducePod, type Workload } from '@konductor/operator';
import { CREATED } from '../../schema/wait-groups.ts';

export interface WorkloadParts {
  readonly metadata?: Partial<Workload['metadata']>;
  readonly spec?: Workload['spec'];
  readonly status?: Workload['status'];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

const LABELS = { 'konductor.io/after': 'batch' };

function buildWorkload(uid: string, { metadata, spec, status, annotations, labels }: WorkloadParts): Workload {
  const identity = { name: 'later', namespace: 'jobs', uid, resourceVersion: '5' };
  return {
    metadata: {
      ...identity,
      ...{ generation: 1, creationTimestamp: CREATED, labels: { ...LABELS, ...labels } },
      ...(annotations && { annotations }),
      ...metadata,
    },
    ...(spec && { spec }),
    ...(status && { status }),
  };
}

/** Suspended unless the parts say otherwise. */
export const buildJob = (parts: WorkloadParts = {}): Workload =>
  buildWorkload('job-1', { spec: { suspend: true }, ...parts });
/** Gated unless the parts say otherwise. */
export const buildPod = (parts: WorkloadParts = {}): Workload =>
  buildWorkload('pod-1', { spec: { schedulingGates: [{ name: 'konductor.io/after' }] }, ...parts });

export const heldJob = (parts: WorkloadParts = {}): HeldObject => reduceJob(buildJob(parts)) as unknown as HeldObject;
export const heldPod = (parts: WorkloadParts = {}): HeldObject => reducePod(buildPod(parts)) as unknown as HeldObject;
