// Which workloads work for which groups and which wait for them, so that contradictions show at synthesis.
import { type ApiObject, Chart } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { checkAccountName } from '../props/rules.ts';
import { accountNameOf, objectOf, tellOf, type Workload } from './workload.ts';

/** The group that a workload comes to. */
export interface Group extends Construct {
  readonly name: string;
  readonly namespace: string | undefined;
}

type Part = 'worker' | 'waiter';

const parts = new WeakMap<ApiObject, Map<string, Part>>();
const accounts = new WeakMap<ApiObject, ServiceAccount>();

/** Notes that a workload takes part in a group; throws a sentence when it cannot. */
export function takePart(part: Part, workload: Workload, group: Group): void {
  const object = objectOf(workload);
  const { namespace } = object.metadata;
  const taken = parts.get(object) ?? new Map<string, Part>();
  tellOf(workload, () => {
    if (namespace !== group.namespace)
      throw new Error(
        `is in ${named(namespace)}, WaitGroup ${group.name} in ${named(group.namespace)}: pods count in their own, so give both the same`,
      );
    checkConflict(part, taken, group.name);
  });
  parts.set(object, taken.set(group.name, part));
}

const named = (namespace: string | undefined) => (namespace === undefined ? 'no namespace' : `namespace ${namespace}`);

function checkConflict(part: Part, taken: ReadonlyMap<string, Part>, group: string): void {
  const before = taken.get(group);
  if (before === part) throw new Error(`is a ${part} of WaitGroup ${group} already: say so once`);
  if (before !== undefined)
    throw new Error(`would wait for WaitGroup ${group}, which waits for it: use addWorkers or waitFor, not both`);
  const [other] = [...taken].find(([, one]) => one === 'worker') ?? [];
  if (part === 'worker' && other !== undefined)
    throw new Error(`works for WaitGroup ${other} already, and a pod works for one: make two workloads of it`);
}

/** The account that the workload's pods run as: its own, else one that is made and has the workload's name. */
export function ensureAccount(workload: Workload, group: Group): string {
  const own = accountNameOf(workload);
  if (own !== undefined) return own;
  const object = objectOf(workload);
  const { name, metadata } = object;
  tellOf(workload, () => checkAccountName(name, 'metadata.name'));
  const account =
    accounts.get(object) ?? new ServiceAccount(group, name, { metadata: { name, namespace: metadata.namespace } });
  accounts.set(object, account);
  return account.name;
}

/** Has what the group consists of applied before the workload; between charts, the order is the user's. */
export function applyAfter(group: Construct, workload: Workload): void {
  const object = objectOf(workload);
  if (Chart.of(object) !== Chart.of(group)) return;
  const parts = group.node.children.filter((child) => !object.node.scopes.includes(child));
  object.node.addDependency(...parts);
}
