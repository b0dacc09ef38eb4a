// Decides what to do about a worker whose pod was checked: a pure function of what the API server has stored.
import type { WaitGroupWorker, WorkerPolicy } from '@konductor/schema';
import type { PodEnd } from './pod-end.ts';

export interface Observed {
  /** Read after the pod; undefined if it does not exist. */
  readonly record: WaitGroupWorker | undefined;
  /** The pod that was checked. */
  readonly podUid: string;
  /** Undefined while the pod can still work. */
  readonly end: PodEnd | undefined;
  /** Whether the pod belongs to a Job that has not finished, read after the pod. */
  readonly hasUnfinishedJob: boolean;
  readonly policy: WorkerPolicy;
}

/** `report`: only say so. `release`: finish the work in place of the worker, and say so. */
export type Loss = { readonly kind: 'report' | 'release'; readonly reason: string; readonly message: string };
/** `wait`: for the pod that replaces this one, or the end of the Job. */
export type Verdict = { readonly kind: 'nothing' } | { readonly kind: 'wait' } | Loss;

export function judgeWorker({ record, podUid, end, hasUnfinishedJob, policy }: Observed): Verdict {
  const spec = record?.spec;
  if (spec?.state !== 'Active' || spec.pod?.uid !== podUid || end === undefined) return { kind: 'nothing' };
  // A Job replaces no pod that has succeeded.
  if (hasUnfinishedJob && end.reason !== 'PodSucceeded') return { kind: 'wait' };
  const message = `Pod ${spec.pod.name} ${end.how} before worker ${spec.worker} marked its work done`;
  return { kind: policy === 'Keep' ? 'report' : 'release', reason: end.reason, message };
}
