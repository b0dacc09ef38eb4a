// The Roles and bindings of the operator, of metrics readers and of the cluster's users.
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, inConstruct, optional } from '../props/check-props.ts';
import { checkName } from '../props/rules.ts';
import { grant, referTo } from './grant.ts';
import { editRules, leaderElectionRules, metricsReaderRules, operatorRules, reviewRules, viewRules } from './rules.ts';

/** Props of {@link OperatorRoles}. */
export interface OperatorRolesProps {
  /** The service account that gets the permissions. */
  readonly serviceAccount: IServiceAccount;
  /** Name of the Lease for leader election, in the namespace of the service account. */
  readonly lease: string;
  /** Labels of the Roles and their bindings. */
  readonly labels: Readonly<Record<string, string>>;
  /** The only namespace with permissions on WaitGroups. Default: all namespaces. */
  readonly watchNamespace?: string;
  /** Limits the permissions to the namespace of the service account. Default: false. */
  readonly ownNamespaceOnly?: boolean;
}

/**
 * Permissions of the operator: a ClusterRole, or a Role if it watches one namespace; a Role for its Lease; and their bindings.
 */
export class OperatorRoles extends Construct {
  constructor(scope: Construct, id: string, props: OperatorRolesProps) {
    super(scope, id);
    const rules = { lease: checkName, watchNamespace: optional(checkName) };
    inConstruct('OperatorRoles', this, () => checkFields(props, rules));
    const { serviceAccount, lease, labels, watchNamespace, ownNamespaceOnly = false } = props;
    const { kind, name, namespace } = serviceAccount.toSubjectConfiguration();
    // A RoleBinding subject without a namespace means the account of the binding's own namespace.
    const subjects = [{ kind, name, namespace }];
    const limitedTo = ownNamespaceOnly ? { namespace } : watchNamespace !== undefined && { namespace: watchNamespace };
    const metadata = { name: 'konductor-operator', labels };
    grant(this, { metadata, rules: operatorRules, subjects, limitedTo });
    const own = { metadata: { name: 'konductor-operator-leader-election', namespace, labels } };
    const leader = new k8s.KubeRole(this, 'LeaderElectionRole', { ...own, rules: leaderElectionRules(lease) });
    new k8s.KubeRoleBinding(this, 'LeaderElectionBinding', { ...own, roleRef: referTo(leader), subjects });
  }
}

/** Props of {@link MetricsRoles}. */
export interface MetricsRolesProps {
  /** The service account of the operator. */
  readonly serviceAccount: IServiceAccount;
  /** Labels of the ClusterRoles and their binding. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Permissions for secured metrics: the operator may review tokens, and accounts bound to the ClusterRole
 * konductor-metrics-reader may read the metrics.
 */
export class MetricsRoles extends Construct {
  constructor(scope: Construct, id: string, { serviceAccount, labels }: MetricsRolesProps) {
    super(scope, id);
    const { kind, name, namespace } = serviceAccount.toSubjectConfiguration();
    const metadata = { name: 'konductor-operator-metrics', labels };
    const role = new k8s.KubeClusterRole(this, 'Reviewer', { metadata, rules: [...reviewRules] });
    const subjects = [{ kind, name, namespace }];
    new k8s.KubeClusterRoleBinding(this, 'ReviewerBinding', { metadata, roleRef: referTo(role), subjects });
    new k8s.KubeClusterRole(this, 'Reader', {
      metadata: { name: 'konductor-metrics-reader', labels },
      rules: [...metricsReaderRules],
    });
  }
}

/** Props of {@link UserRoles}. */
export interface UserRolesProps {
  /** Labels of the ClusterRoles, in addition to the aggregation labels. */
  readonly labels: Readonly<Record<string, string>>;
}

/** ClusterRoles that are aggregated into the default ClusterRoles view, edit and admin. */
export class UserRoles extends Construct {
  constructor(scope: Construct, id: string, { labels }: UserRolesProps) {
    super(scope, id);
    new k8s.KubeClusterRole(this, 'View', {
      metadata: { name: 'konductor-view', labels: { ...labels, ...aggregateTo('view') } },
      rules: [...viewRules],
    });
    new k8s.KubeClusterRole(this, 'Edit', {
      metadata: { name: 'konductor-edit', labels: { ...labels, ...aggregateTo('edit', 'admin') } },
      rules: [...editRules],
    });
  }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles */
function aggregateTo(...roles: string[]): Record<string, string> {
  return Object.fromEntries(roles.map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, 'true']));
}
