// The RBAC rules of everything that uses WaitGroups, as data: the operator, workers and waiters, and the cluster's users.
import { API_GROUP, waitGroupKind } from '@konductor/schema';
import type { k8s } from 'cdk8s-plus-27';

const apiGroups = [API_GROUP];
const resources = [waitGroupKind.plural];
const status = [`${waitGroupKind.plural}/status`];
const LEASES_GROUP = 'coordination.k8s.io';
const READ = ['get', 'list', 'watch'];

/** Rules for `koncli waitgroup add` and `done`, which also allow `wait`, on one WaitGroup. */
export const workerRules = (waitGroup: string): k8s.PolicyRule[] => [
  ...waiterRules(waitGroup),
  { apiGroups, resources: status, resourceNames: [waitGroup], verbs: ['update'] },
];

/** Rules for `koncli waitgroup wait` on one WaitGroup. */
export const waiterRules = (waitGroup: string): k8s.PolicyRule[] => [
  // A rule with resourceNames allows list and watch only with the field selector metadata.name, which koncli sends.
  { apiGroups, resources, resourceNames: [waitGroup], verbs: READ },
];

/**
 * Rules for every operation on one WaitGroup. `create` with a name allows server-side apply, whose request names the object.
 * The Events of `koncli waitgroup set` cannot be limited to a name.
 */
export const managerRules = (waitGroup: string): k8s.PolicyRule[] => [
  { apiGroups, resources, resourceNames: [waitGroup], verbs: [...READ, 'create', 'update', 'patch', 'delete'] },
  { apiGroups, resources: status, resourceNames: [waitGroup], verbs: ['update'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

/** Rules of the operator. */
export const operatorRules: readonly k8s.PolicyRule[] = [
  { apiGroups, resources, verbs: [...READ, 'delete'] },
  { apiGroups, resources: status, verbs: ['update'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

/**
 * Rules for leader election in the operator's own namespace, with Events that report the leader. A create request cannot be
 * limited to a name.
 */
export const leaderElectionRules = (lease: string): k8s.PolicyRule[] => [
  { apiGroups: [LEASES_GROUP], resources: ['leases'], verbs: ['create'] },
  { apiGroups: [LEASES_GROUP], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'update'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

/** Rules to authenticate and authorize the readers of secured metrics. */
export const reviewRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

/** Rules of a reader of secured metrics. */
export const metricsReaderRules: readonly k8s.PolicyRule[] = [{ nonResourceUrLs: ['/metrics'], verbs: ['get'] }];

/** Rules that are aggregated into the ClusterRole view. */
export const viewRules: readonly k8s.PolicyRule[] = [{ apiGroups, resources, verbs: READ }];

/** Rules that are aggregated into the ClusterRoles edit and admin. */
export const editRules: readonly k8s.PolicyRule[] = [
  { apiGroups, resources, verbs: [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection'] },
  { apiGroups, resources: status, verbs: ['update'] },
];
