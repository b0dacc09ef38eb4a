// How long WaitGroups have waited, for the metrics. It walks the whole cache at each scrape, so it checks no object.
import { isUndecided, type WaitGroup } from '@konductor/schema';

/** As the cache has them: of the API server, which has checked them. */
type Cached = Partial<Pick<WaitGroup, 'status'>> & { readonly metadata?: { readonly creationTimestamp?: unknown } };

/** How long the WaitGroup whose undecided round began first has had outstanding work; 0 if there is none. */
export function oldestWaitingSeconds(waitGroups: Iterable<object>, now: Date): number {
  let oldestMs = now.getTime();
  for (const waitGroup of waitGroups) oldestMs = Math.min(oldestMs, waitingSinceMs(waitGroup as Cached));
  return (now.getTime() - oldestMs) / 1_000;
}

function waitingSinceMs({ metadata, status }: Cached): number {
  if (status === undefined || !isUndecided(status)) return Number.POSITIVE_INFINITY;
  const createdMs = Date.parse(String(metadata?.creationTimestamp));
  const changed = status.conditions?.find(({ type }) => type === 'Done')?.lastTransitionTime;
  const changedMs = Date.parse(changed ?? '');
  // A time before the creation was restored from a backup, or forged.
  return changedMs > createdMs ? changedMs : createdMs;
}
