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

type Part = 'worker' | 'waiter';

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
  if (before === part) throw new Error(`is already a ${part} of WaitGroup ${group}; add it only once`);
  if (before !== undefined)
    throw new Error(`would work for WaitGroup ${group} and wait for it; use either addWorkers or waitFor`);
  const [other] = [...taken].find(([, one]) => one === 'worker') ?? [];
  if (part === 'worker' && other !== undefined)
    throw new Error(`already works for WaitGroup ${other}, and a pod can work for only one; use two workloads`);
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
