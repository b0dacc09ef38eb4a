// Records what the charts of an app declare about each WaitGroup: who creates it, works for it, waits for it and may count on
// it. deadlocks.ts and miscounts.ts check it at synthesis.
import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { Group } from './participants.ts';

/** The fields of a WaitGroup's spec that decide which workloads can take part. */
export interface GroupSpec {
  readonly initialCount?: number;
  readonly hasTtl: boolean;
}

/** One workload that works for a WaitGroup. */
export interface Work {
  /** The construct that it was declared with. */
  readonly by: Group;
  readonly object: ApiObject;
  readonly add: boolean;
  /** Whether the operator counts the Job by its label, from its creation; otherwise its pods count, when they run. */
  readonly isCounted?: boolean;
  readonly onFailure?: 'keep' | 'fail';
  readonly unchecked?: boolean;
}

/** One workload that waits for a WaitGroup. */
export interface Wait {
  /** The construct that it was declared with. */
  readonly by: Group;
  readonly object: ApiObject;
  /** Whether it needs work to be added first. */
  readonly needsWork: boolean;
  readonly unchecked?: boolean;
}

/** A WaitGroup of the cluster, which several constructs may refer to. */
export interface Declared {
  readonly name: string;
  /** The constructs that create it: one, or one in each of several charts for several clusters. */
  readonly makers: Map<Group, GroupSpec>;
  readonly works: Work[];
  readonly waits: Wait[];
  /** What accounts other than those of its workloads may do; how much they count is not known. */
  readonly grants: Set<'worker' | 'coordinator' | 'waiter' | 'manager'>;
}

/** The WaitGroups of each app. */
const apps = new WeakMap<IConstruct, Map<string, Declared>>();

/** What the app declares about the WaitGroup that a construct creates or refers to. */
export function declaredOf(group: Group): Declared {
  const { name, namespace = '' } = group;
  const known = appOf(group);
  const key = `${namespace}/${name}`;
  const declared = known.get(key) ?? { name, makers: new Map(), works: [], waits: [], grants: new Set() };
  known.set(key, declared);
  return declared;
}

/** What the app declares about all its WaitGroups, in their order. */
export function declaredBeside(group: Group): readonly Declared[] {
  return [...appOf(group).values()];
}

/** Undefined if the app does not create it, or if several charts create it and the construct may mean any of them. */
export function specOf({ makers }: Declared, group: Group): GroupSpec | undefined {
  return makers.get(group) ?? (makers.size === 1 ? [...makers.values()][0] : undefined);
}

/** Whether the WaitGroup is deleted some time after its completion, as far as the app shows. */
export const hasTtl = (group: Group) => specOf(declaredOf(group), group)?.hasTtl === true;

function appOf({ node: { root } }: Group): Map<string, Declared> {
  const known = apps.get(root) ?? new Map<string, Declared>();
  apps.set(root, known);
  return known;
}
