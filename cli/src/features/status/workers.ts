// What the pods of a namespace say about outstanding work that counts for no worker in particular: pods that added it may have
// ended without marking it done.
import { currentStatus, outstandingOfWorkers, WAIT_GROUP_LABEL, type WaitGroup } from '@konductor/schema';
import type { LabelledPods, LivePods } from '../workers/pods.ts';

/** What is known of pods; undefined: they cannot be listed. */
export interface KnownPods {
  readonly live?: LivePods | undefined;
  readonly labelled?: LabelledPods | undefined;
}

/** Lost work in words. */
export interface LostWork {
  readonly text: string;
  /** False if the names that added it may be those of other machines. */
  readonly isCertain: boolean;
}

/** The names that controllers give to their pods. A name without such an end may be that of another machine. */
const POD_NAME = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/;
/** The pods of a StatefulSet and the host names of an Indexed Job have names like this, but so may other machines. */
const INDEXED_NAME = /^(.+)-\d+$/;
/** This many names are shown. */
const SHOWN = 3;
/** Pods may need as long to be created. */
const STARTING_SECONDS = 30;

/** Whether a controller gave this name to a pod. One that ends with an index may be that of a Job's index, for several pods. */
export function isGeneratedName(name: string): boolean {
  return POD_NAME.test(name);
}

/** Whether this is most likely the name of a pod. */
export function isPodName(name: string): boolean {
  return isGeneratedName(name) || INDEXED_NAME.test(name);
}

/** Undefined where the work can still be done, for all that is known. */
export function describeLostWork(group: WaitGroup, pods: KnownPods, quietSeconds: number): LostWork | undefined {
  const status = currentStatus(group);
  if (status.counter <= outstandingOfWorkers(status)) return undefined;
  return describeAdders(group, pods) ?? describeNoPods(group, pods, quietSeconds);
}

function describeAdders(group: WaitGroup, { live }: KnownPods): LostWork | undefined {
  if (live === undefined) return undefined;
  const here = podsIn(group, live);
  const adders = addersOf(group);
  const pods = adders.filter((name) => POD_NAME.test(name) || here.some((pod) => isSibling(name, pod)));
  const lost = pods.filter((name) => !isLive(name, here));
  if (lost.length > 0) {
    const rest = pods.length - lost.length;
    const which = rest === 1 ? '1 exists and runs' : `${rest} exist and run`;
    return { text: `${pods.length} added by pods of which ${which} (missing: ${listed(lost)})`, isCertain: true };
  }
  const others = adders.filter((name) => !pods.includes(name));
  if (others.length === 0) return undefined;
  return { text: `${others.length} added by ${listed(others)}, which is the name of no running pod`, isCertain: false };
}

function describeNoPods(group: WaitGroup, { live, labelled }: KnownPods, quietSeconds: number): LostWork | undefined {
  const { name, namespace = '' } = group.metadata;
  if (quietSeconds < STARTING_SECONDS) return undefined;
  if (live && podsIn(group, live).length === 0 && isLeftToPods(group))
    return { text: `no pod in namespace "${namespace}" is running or pending`, isCertain: true };
  if (!labelled?.total || labelled.live > 0) return undefined;
  return { text: `no pod labelled ${WAIT_GROUP_LABEL}=${name} is running or pending`, isCertain: true };
}

/** The names of the pods in the namespace of the WaitGroup. */
function podsIn({ metadata: { namespace = '' } }: WaitGroup, live: LivePods): readonly string[] {
  const prefix = `${namespace}/`;
  return [...live].filter((pod) => pod.startsWith(prefix)).map((pod) => pod.slice(prefix.length));
}

/** In an Indexed Job, the host name of a pod is its name without the random end. */
function isLive(name: string, pods: readonly string[]): boolean {
  return pods.some((pod) => pod === name || pod.replace(POD_NAME, '') === name);
}

/** Whether both names belong to one StatefulSet or Indexed Job. */
function isSibling(name: string, pod: string): boolean {
  const [, owner] = INDEXED_NAME.exec(name) ?? [];
  return owner !== undefined && INDEXED_NAME.exec(pod.replace(POD_NAME, ''))?.[1] === owner;
}

function listed(names: readonly string[]): string {
  return names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ', …' : '');
}

/** As far as the names of those that changed the counter tell. */
function isLeftToPods(group: WaitGroup): boolean {
  const { recentOperations = [] } = currentStatus(group);
  return recentOperations.every(({ by }) => isPodName(by));
}

/** The names that added one unit of work, their own, and have not marked it done. A coordinator adds that of others. */
function addersOf(group: WaitGroup): readonly string[] {
  const sums = new Map<string, number>();
  for (const { by, delta } of currentStatus(group).recentOperations ?? []) sums.set(by, (sums.get(by) ?? 0) + delta);
  return [...sums].filter(([by, sum]) => sum === 1 && isPodName(by)).map(([by]) => by);
}
