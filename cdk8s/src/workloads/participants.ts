// Records which workloads work for which WaitGroups and which wait for them, so that contradictions show at synthesis.
import { type ApiObject, Chart } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { checkAccountName } from '../props/rules.ts';
import { accountNameOf, inWorkload, objectOf, type Workload } from './workload.ts';

/** The WaitGroup that a workload takes part in. */
export interface Group extends Construct {
  readonly name: string;
  readonly namespace: string | undefined;
}

const LABEL = 'a label names only one; wait for the other one by "initContainer"';

/** Each row: the part in messages, the method that declares it, and why a workload can have only one, if so. */
const PARTS = {
  worker: {
    ...{ is: 'a worker of', does: 'work for', method: 'addWorkers' },
    only: 'a pod can work for only one; use two workloads',
  },
  counted: {
    ...{ is: 'counted by', does: 'count for', method: 'count' },
    only: 'a label names only one; use two Jobs',
  },
  waiter: { is: 'a waiter of', does: 'wait for', method: 'waitFor', only: undefined },
  suspended: { is: 'a waiter of', does: 'wait for', method: 'waitFor', only: LABEL },
  gated: { is: 'a waiter of', does: 'wait for', method: 'waitFor', only: LABEL },
} as const;

/** How a workload takes part in a WaitGroup. */
export type Part = keyof typeof PARTS;

const parts = new WeakMap<ApiObject, Map<string, Part>>();
const accounts = new WeakMap<ApiObject, ServiceAccount>();

/** Records that a workload takes part in a WaitGroup. Throws if it cannot. */
export function takePart(part: Part, workload: Workload, group: Group): void {
  const object = objectOf(workload);
  const { namespace } = object.metadata;
  const taken = parts.get(object) ?? new Map<string, Part>();
  inWorkload(workload, () => {
    if (namespace !== group.namespace)
      throw new Error(
        `is in ${named(namespace)}, but WaitGroup ${group.name} is in ${named(group.namespace)}; put both in the same namespace`,
      );
    checkConflict(part, taken, group.name);
  });
  parts.set(object, taken.set(group.name, part));
}

const named = (namespace: string | undefined) => (namespace === undefined ? 'no namespace' : `namespace ${namespace}`);

function checkConflict(part: Part, taken: ReadonlyMap<string, Part>, group: string): void {
  const before = taken.get(group);
  if (before !== undefined) throw new Error(describeBoth(part, before, group));
  const [other] = [...taken].find(([, one]) => one === part) ?? [];
  const { is, only } = PARTS[part];
  if (only && other !== undefined) throw new Error(`is already ${is} WaitGroup ${other}, and ${only}`);
}

/** What is wrong with two parts in one WaitGroup. */
function describeBoth(part: Part, before: Part, group: string): string {
  const [first, second] = Object.entries(PARTS).flatMap(([name, of]) => (name === part || name === before ? [of] : []));
  if (!first || !second || first.method === second.method)
    return `is already ${PARTS[part].is} WaitGroup ${group}; add it only once`;
  const either = `use either ${first.method} or ${second.method}`;
  if (second.method === 'count')
    return `would be counted twice by WaitGroup ${group}, as a Job and by its pods; ${either}`;
  return `would ${first.does} WaitGroup ${group} and ${second.does} it; ${either}`;
}

/** The service account of the workload's pods: their own, or a new one with the workload's name. */
export function ensureAccount(workload: Workload, group: Group): string {
  const own = accountNameOf(workload);
  if (own !== undefined) return own;
  const object = objectOf(workload);
  const { name, metadata } = object;
  inWorkload(workload, () => checkAccountName(name, 'metadata.name'));
  const account =
    accounts.get(object) ?? new ServiceAccount(group, name, { metadata: { name, namespace: metadata.namespace } });
  accounts.set(object, account);
  return account.name;
}

/** Orders the objects of the WaitGroup before the workload. Between charts, the order is up to the user. */
export function applyAfter(group: Construct, workload: Workload): void {
  const object = objectOf(workload);
  if (Chart.of(object) !== Chart.of(group)) return;
  const parts = group.node.children.filter((child) => !object.node.scopes.includes(child));
  object.node.addDependency(...parts);
}
