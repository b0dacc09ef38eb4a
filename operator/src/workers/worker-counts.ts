// What the cached records amount to, for the metrics. It walks the whole cache at each scrape.
import { compareRevisions, isOverrun, type WaitGroup, type WorkerState } from '@konductor/schema';
import type { CountedWorker } from './cached-worker.ts';
import type { WorkerCache } from './worker-cache.ts';

/** The number of records in each state. */
export function countStates(records: readonly CountedWorker[]): Record<WorkerState, number> {
  const counts = { Active: 0, Done: 0, Failed: 0, Lost: 0 };
  for (const { spec } of records) counts[spec.state] += 1;
  return counts;
}

/** The number of records of these WaitGroups that are newer than what their statuses count. */
export function countUncounted(waitGroups: Iterable<object>, cache: Pick<WorkerCache, 'recordsOf'>): number {
  let uncounted = 0;
  for (const waitGroup of waitGroups as Iterable<WaitGroup>) {
    const revision = waitGroup.status?.workers?.revision ?? '0';
    for (const { metadata } of cache.recordsOf(waitGroup).records)
      if (compareRevisions(metadata.resourceVersion ?? '0', revision) > 0) uncounted++;
  }
  return uncounted;
}

/** The number of WaitGroups with more work finished than added. */
export function countOverruns(waitGroups: Iterable<object>): number {
  let overruns = 0;
  for (const { status } of waitGroups as Iterable<WaitGroup>) if (status && isOverrun(status)) overruns++;
  return overruns;
}
