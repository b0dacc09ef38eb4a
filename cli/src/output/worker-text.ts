// What a call has changed for a worker, in words. The operator counts it later: only an add waits for that, and can name the counter.
import type { WaitGroupWorker } from '@konductor/schema';

/** The record of the worker, and what became of the call: nothing, if an earlier one did the same, or another pod is the worker. */
export interface WorkerChange {
  readonly record: WaitGroupWorker;
  readonly outcome: 'recorded' | 'repeated' | 'otherPod';
}

const STATES = {
  Active: 'is already counted',
  Done: 'has already marked its work done',
  Failed: 'has already failed',
  Lost: 'was already released',
} as const;

/** `change`: what the call did if it was the first, such as `done 1 by worker web-1`. */
export function describeWorkerChange({ record, outcome }: WorkerChange, change: string): string {
  const { worker, state } = record.spec;
  switch (outcome) {
    case 'recorded':
      return change;
    case 'repeated':
      return `unchanged (worker ${worker} ${STATES[state]})`;
    case 'otherPod':
      return `unchanged (worker ${worker} belongs to ${ownerOf(record)})`;
  }
}

/** The pod that alone can finish the work of the worker. */
export function ownerOf({ spec: { pod } }: WaitGroupWorker): string {
  return pod === undefined ? 'a process outside of pods' : `pod "${pod.name}"`;
}
