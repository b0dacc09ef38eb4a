// The RBAC rules of everything that uses WaitGroups, as data: the operator, workers and waiters, and the cluster's users.
import { API_GROUP, waitGroupNames, workerNames } from '@konductor/schema';
import type { k8s } from 'cdk8s-plus-27';

const apiGroups = [API_GROUP];
const { plural } = waitGroupNames;
const resources = [plural];
const status = [`${plural}/status`];
const workers = [workerNames.plural];
// Subresources that no request uses: permissions on them are what the admission policy on workers asks for.
const report = [`${plural}/report`];
const manage = [`${plural}/manage`];
const LEASES_GROUP = 'coordination.k8s.io';
const READ = ['get', 'list', 'watch'];
const EMIT = { apiGroups: [''], resources: ['events'], verbs: ['create'] };

// A rule with resourceNames allows list and watch only with the field selector metadata.name, which koncli sends.
const readRule = (waitGroup: string) => ({ apiGroups, resources, resourceNames: [waitGroup], verbs: READ });
const countRule = (waitGroup: string) => ({
  ...{ apiGroups, resources: status, resourceNames: [waitGroup], verbs: ['update'] },
});

/**
 * Rules for a pod that works for one WaitGroup under its own name: `koncli waitgroup run`, and `add`, `done` and `fail` with
 * `--worker`, which also allow `wait`. The records of workers cannot be limited to a name; the admission policy limits them.
 */
export const workerRules = (waitGroup: string): k8s.PolicyRule[] => [
  readRule(waitGroup),
  { apiGroups, resources: report, resourceNames: [waitGroup], verbs: ['create'] },
  { apiGroups, resources: workers, verbs: ['create', 'get', 'list', 'patch'] },
];

/**
 * Rules for `koncli waitgroup add`, `done` and `fail` without a worker's name, which change the counter directly, and for `wait`,
 * on one WaitGroup.
 */
export const coordinatorRules = (waitGroup: string): k8s.PolicyRule[] => [
  ...waiterRules(waitGroup),
  countRule(waitGroup),
];

/** Rules for `koncli waitgroup wait` on one WaitGroup, which names the outstanding workers when its time is up. */
export const waiterRules = (waitGroup: string): k8s.PolicyRule[] => [
  readRule(waitGroup),
  { apiGroups, resources: workers, verbs: ['list'] },
];

/**
 * Rules for every operation on one WaitGroup. `create` with a name allows server-side apply, whose request names the object.
 * The Events of `koncli waitgroup set` and the records of workers cannot be limited to a name.
 */
export const managerRules = (waitGroup: string): k8s.PolicyRule[] => [
  { apiGroups, resources, resourceNames: [waitGroup], verbs: [...READ, 'create', 'update', 'patch', 'delete'] },
  countRule(waitGroup),
  { apiGroups, resources: manage, resourceNames: [waitGroup], verbs: ['update'] },
  { apiGroups, resources: workers, verbs: ['create', 'get', 'list', 'patch'] },
  EMIT,
];

/** The rules on one WaitGroup, for languages in which a package exports no functions. */
export class WaitGroupRules {
  /** See {@link workerRules}. */
  static forWorker(waitGroup: string): k8s.PolicyRule[] {
    return workerRules(waitGroup);
  }

  /** See {@link coordinatorRules}. */
  static forCoordinator(waitGroup: string): k8s.PolicyRule[] {
    return coordinatorRules(waitGroup);
  }

  /** See {@link waiterRules}. */
  static forWaiter(waitGroup: string): k8s.PolicyRule[] {
    return waiterRules(waitGroup);
  }

  /** See {@link managerRules}. */
  static forManager(waitGroup: string): k8s.PolicyRule[] {
    return managerRules(waitGroup);
  }

  private constructor() {}
}

/** Rules of the operator. */
export const operatorRules: readonly k8s.PolicyRule[] = [
  { apiGroups, resources, verbs: [...READ, 'delete'] },
  { apiGroups, resources: [...status, ...manage], verbs: ['update'] },
  { apiGroups, resources: workers, verbs: [...READ, 'create', 'patch', 'delete'] },
  // Jobs that count or wait by a label; whether the pods of workers, or the Jobs that replace them, still exist; and whether a
  // namespace is being deleted.
  { apiGroups: [''], resources: ['pods'], verbs: READ },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: READ },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
  // How a Job ended that is gone.
  { apiGroups: [''], resources: ['events'], verbs: ['list'] },
  EMIT,
];

/** Rules that let the operator release what is held; RBAC cannot limit them to `suspend` and its gate, so an admission policy does. */
export const holdRules: readonly k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ['patch'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['patch'] },
];

/**
 * Rules for leader election in the operator's own namespace, with Events that report the leader. A create request cannot be
 * limited to a name.
 */
export const leaderElectionRules = (lease: string): k8s.PolicyRule[] => [
  { apiGroups: [LEASES_GROUP], resources: ['leases'], verbs: ['create'] },
  { apiGroups: [LEASES_GROUP], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'update'] },
  EMIT,
];

/** Rules to authenticate and authorize the readers of secured metrics. */
export const reviewRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

/** Rules of a reader of secured metrics. */
export const metricsReaderRules: readonly k8s.PolicyRule[] = [{ nonResourceUrLs: ['/metrics'], verbs: ['get'] }];

const CHANGE = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** Rules that are aggregated into the ClusterRole view. */
export const viewRules: readonly k8s.PolicyRule[] = [{ apiGroups, resources: [...resources, ...workers], verbs: READ }];

/** Rules that are aggregated into the ClusterRoles edit and admin. */
export const editRules: readonly k8s.PolicyRule[] = [
  { apiGroups, resources: [...resources, ...workers], verbs: [...READ, ...CHANGE] },
  { apiGroups, resources: [...status, ...manage], verbs: ['update'] },
  { apiGroups, resources: report, verbs: ['create'] },
];
