// Which records may be retired: those that no process will need again to recognize what it has counted.
import type { WaitGroup } from '@konductor/schema';
import type { CountedWorker } from './cached-worker.ts';
import type { Uids } from './live-reads.ts';

export interface Circumstances {
  readonly waitGroup: WaitGroup;
  /** The uids of all pods of the namespace, read after the record. */
  readonly pods: Uids;
  /** The uids of all its Jobs, read after the record. */
  readonly jobs: Uids;
  readonly now: Date;
}

/** How long a worker without a pod may repeat what it did. */
const DAY_S = 86_400;

export function isRetirable({ spec, changedAt = 0 }: CountedWorker, circumstances: Circumstances): boolean {
  const { waitGroup, pods, jobs, now } = circumstances;
  const { state, pod, job, worker, borrowed, round } = spec;
  if (state === 'Active') return false;
  const isRoundOver = round < (waitGroup.status?.completions ?? 0);
  // Another Job of the name may repeat work that was added for it.
  if (job) return !jobs.has(job.uid) && (isRoundOver || borrowed === 0);
  if (pod === undefined) return isRoundOver && now.getTime() / 1_000 - changedAt > DAY_S;
  // Another pod of an Indexed Job may repeat work that was added for it: the record says that it is finished.
  const isRepeatable = borrowed > 0 && worker !== pod.name;
  return !pods.has(pod.uid) && (isRoundOver || !isRepeatable);
}
