// Every right that Konductor hands out, as data: to its operator, to workers and waiters, to the people of the cluster.
import { API_GROUP, waitGroupKind } from '@konductor/schema';
import type { k8s } from 'cdk8s-plus-27';

const apiGroups = [API_GROUP];
const resources = [waitGroupKind.plural];
const status = [`${waitGroupKind.plural}/status`];
const LEASES_GROUP = 'coordination.k8s.io';
const READ = ['get', 'list', 'watch'];

/** What `koncli waitgroup add` and `done` need on one group; `wait` needs no more. */
export const workerRules = (waitGroup: string): k8s.PolicyRule[] => [
  // With resourceNames, list and watch are allowed with the field selector metadata.name, which is how koncli asks.
  ...waiterRules(waitGroup),
  { apiGroups, resources: status, resourceNames: [waitGroup], verbs: ['update'] },
];

/** What `koncli waitgroup wait` needs on one group. */
export const waiterRules = (waitGroup: string): k8s.PolicyRule[] => [
  { apiGroups, resources, resourceNames: [waitGroup], verbs: READ },
];

/**
 * Everything that can be done to one group. `create` with a name allows server-side apply, which names what it makes; the
 * Events of `koncli waitgroup set` cannot be limited to a name.
 */
export const managerRules = (waitGroup: string): k8s.PolicyRule[] => [
  { apiGroups, resources, resourceNames: [waitGroup], verbs: [...READ, 'create', 'update', 'patch', 'delete'] },
  { apiGroups, resources: status, resourceNames: [waitGroup], verbs: ['update'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

/** All that the operator may do. */
export const operatorRules: readonly k8s.PolicyRule[] = [
  { apiGroups, resources, verbs: [...READ, 'delete'] },
  { apiGroups, resources: status, verbs: ['update'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

/** What leader election needs in the operator's own namespace, where it tells who leads; a create cannot be limited to a name. */
export const leaderElectionRules = (lease: string): k8s.PolicyRule[] => [
  { apiGroups: [LEASES_GROUP], resources: ['leases'], verbs: ['create'] },
  { apiGroups: [LEASES_GROUP], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'update'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

/** What it takes to ask who a reader of the metrics is, and whether it may. */
export const reviewRules: readonly k8s.PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

/** What a reader of secured metrics needs. */
export const metricsReaderRules: readonly k8s.PolicyRule[] = [{ nonResourceUrLs: ['/metrics'], verbs: ['get'] }];

/** What the cluster's view role gets. */
export const viewRules: readonly k8s.PolicyRule[] = [{ apiGroups, resources, verbs: READ }];

/** What the cluster's edit and admin roles get. */
export const editRules: readonly k8s.PolicyRule[] = [
  { apiGroups, resources, verbs: [...READ, 'create', 'update', 'patch', 'delete', 'deletecollection'] },
  { apiGroups, resources: status, verbs: ['update'] },
];
