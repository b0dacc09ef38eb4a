// The roles of the operator, of metrics readers and of the cluster’s users, with their bindings.
import type { ApiObject } from 'cdk8s';
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkLabels } from '../props/labels.ts';
import { checkAccount, checkFlag, checkName } from '../props/rules.ts';
import { checkProps, optional } from '../props/shapes.ts';
import { editRules, leaderElectionRules, metricsReaderRules, operatorRules, reviewRules, viewRules } from './rules.ts';

/** For {@link OperatorRoles}. */
export interface OperatorRolesProps {
  /** Who gets the rights. */
  readonly serviceAccount: IServiceAccount;
  /** The lease of leader election, in the service account's namespace. */
  readonly lease: string;
  /** Of the roles and their bindings. */
  readonly labels: Readonly<Record<string, string>>;
  /** The only namespace that it has rights in, beside those on the lease. Absent: all. */
  readonly watchNamespace?: string;
  /** Limits it to the service account's own namespace. */
  readonly ownNamespaceOnly?: boolean;
}

/** The operator's role, of the cluster or of the one namespace that it looks after; that for its lease; their bindings. */
export class OperatorRoles extends Construct {
  constructor(scope: Construct, id: string, props: OperatorRolesProps) {
    super(scope, id);
    checkProps('OperatorRoles', this, props, {
      ...{ serviceAccount: checkAccount, lease: checkName, labels: checkLabels },
      ...{ watchNamespace: optional(checkName), ownNamespaceOnly: optional(checkFlag) },
    });
    const { serviceAccount, lease, labels, watchNamespace, ownNamespaceOnly = false } = props;
    const { kind, name, namespace } = serviceAccount.toSubjectConfiguration();
    // Without a namespace, the account of a RoleBinding is one of the binding's own.
    const subjects = [{ kind, name, namespace }];
    const isLimited = ownNamespaceOnly || watchNamespace !== undefined;
    const limitedTo = { namespace: ownNamespaceOnly ? namespace : watchNamespace };
    const metadata = { name: 'konductor-operator', labels, ...(isLimited && limitedTo) };
    const Role = isLimited ? k8s.KubeRole : k8s.KubeClusterRole;
    const Binding = isLimited ? k8s.KubeRoleBinding : k8s.KubeClusterRoleBinding;
    const role = new Role(this, 'Role', { metadata, rules: [...operatorRules] });
    new Binding(this, 'Binding', { metadata, roleRef: referTo(role), subjects });
    const own = { metadata: { name: 'konductor-operator-leader-election', namespace, labels } };
    const leader = new k8s.KubeRole(this, 'LeaderElectionRole', { ...own, rules: leaderElectionRules(lease) });
    new k8s.KubeRoleBinding(this, 'LeaderElectionBinding', { ...own, roleRef: referTo(leader), subjects });
  }
}

function referTo({ apiGroup, kind, name }: ApiObject): k8s.RoleRef {
  return { apiGroup, kind, name };
}

/** For {@link MetricsRoles}. */
export interface MetricsRolesProps {
  /** The operator's. */
  readonly serviceAccount: IServiceAccount;
  /** Of the roles and their bindings. */
  readonly labels: Readonly<Record<string, string>>;
}

/** For secured metrics: the operator may review tokens; whoever is bound to konductor-metrics-reader may read. */
export class MetricsRoles extends Construct {
  constructor(scope: Construct, id: string, props: MetricsRolesProps) {
    super(scope, id);
    checkProps('MetricsRoles', this, props, { serviceAccount: checkAccount, labels: checkLabels });
    const { serviceAccount, labels } = props;
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

/** For {@link UserRoles}. */
export interface UserRolesProps {
  /** Of the roles, beside those that aggregate them. */
  readonly labels: Readonly<Record<string, string>>;
}

/** ClusterRoles that Kubernetes adds to its own view, edit and admin. */
export class UserRoles extends Construct {
  constructor(scope: Construct, id: string, props: UserRolesProps) {
    super(scope, id);
    checkProps('UserRoles', this, props, { labels: checkLabels });
    const { labels } = props;
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
