// What the pods of a namespace say about outstanding work: pods that added it may have ended without marking it done.
import { currentStatus, type WaitGroup } from '@konductor/schema';

/** The pods that have not ended, as `NAMESPACE/NAME`. */
export type LivePods = ReadonlySet<string>;

/** The names that controllers give to their pods. A name without such an end may be that of another machine. */
const POD_NAME = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
/** The pods of a StatefulSet have names like this, but so may other machines. */
const INDEXED_NAME = /-\d+$/;
/** This many names are shown. */
const SHOWN = 3;
/** Pods may need as long to be created. */
const STARTING_SECONDS = 30;

/** Whether this is most likely the name of a pod. */
export function isPodName(name: string): boolean {
  return POD_NAME.test(name) || INDEXED_NAME.test(name);
}

/** Undefined where the work can still be done, for all that is known. */
export function describeLostWork(
  group: WaitGroup,
  pods: LivePods | undefined,
  quietSeconds: number,
): string | undefined {
  if (pods === undefined) return undefined;
  const { namespace = '' } = group.metadata;
  const lost = addersOf(group).filter((name) => !pods.has(`${namespace}/${name}`));
  if (lost.length > 0) {
    const names = lost.slice(0, SHOWN).join(', ') + (lost.length > SHOWN ? ', …' : '');
    return `${lost.length} added by ${lost.length === 1 ? 'a pod that has' : 'pods that have'} ended or been deleted (${names})`;
  }
  const isEmpty = ![...pods].some((pod) => pod.startsWith(`${namespace}/`));
  return isEmpty && quietSeconds >= STARTING_SECONDS && isLeftToPods(group)
    ? `no pod in namespace "${namespace}" is running or pending`
    : undefined;
}

/** As far as the names of those that changed the counter tell. */
function isLeftToPods(group: WaitGroup): boolean {
  const { recentOperations = [] } = currentStatus(group);
  return recentOperations.every(({ by }) => isPodName(by));
}

/** The pods that added one unit of work, their own, and have not marked it done. A coordinator adds that of others. */
function addersOf(group: WaitGroup): readonly string[] {
  const sums = new Map<string, number>();
  for (const { by, delta } of currentStatus(group).recentOperations ?? []) sums.set(by, (sums.get(by) ?? 0) + delta);
  return [...sums].filter(([by, sum]) => sum === 1 && POD_NAME.test(by)).map(([by]) => by);
}
