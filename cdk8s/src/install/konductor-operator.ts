// Everything that an install of Konductor needs: namespace, CRD, rights, the operator's Deployment and its Service.
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkCount, checkFlag, checkImage, checkOnlyOne, checkSecretName, inProps } from '../props/rules.ts';
import { checkProps, objectOf, optional, type Shape } from '../props/shapes.ts';
import { MetricsRoles, OperatorRoles, UserRoles } from '../rbac/roles.ts';
import { WaitGroupCrd } from './crd.ts';
import { NETWORK_POLICY, OperatorNetworkPolicy } from './network-policy.ts';
import {
  budget,
  deployment,
  LEASE,
  metricsService,
  NAMESPACE,
  OPERATOR_LABELS,
  OPERATOR_NAME,
  selector,
} from './operator-deployment.ts';
import {
  checkOperatorPod,
  type KonductorOperatorProps,
  OPERATOR_POD,
  type SecureMetricsProps,
} from './operator-props.ts';

const place = ({ ownNamespaceOnly }: KonductorOperatorProps) => (ownNamespaceOnly ? {} : { namespace: NAMESPACE });

/**
 * The operator in its namespace, konductor-system, one to a cluster; or with `ownNamespaceOnly` in any namespace, for that
 * one. Throws when a prop is not what the API server would take.
 */
export class KonductorOperator extends Construct {
  /** For what no prop says, such as flags and annotations: `deployment.addJsonPatch(…)`. */
  readonly deployment: k8s.KubeDeployment;
  /** What the operator's rights are bound to. */
  readonly serviceAccount: ServiceAccount;

  constructor(scope: Construct, id: string, props: KonductorOperatorProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorOperator', this);
    checkProps('KonductorOperator', this, props, SHAPE);
    inProps('KonductorOperator', this, () => checkTogether(props));
    const { ownNamespaceOnly = false, secureMetrics, watchNamespace, networkPolicy, disruptionBudget = false } = props;
    const named = (name: string) => ({ name, ...place(props), labels: OPERATOR_LABELS });
    if (!ownNamespaceOnly)
      new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: NAMESPACE, labels: namespaceLabels } });
    if (props.includeCrd ?? !ownNamespaceOnly) new WaitGroupCrd(this, 'WaitGroupCrd');
    const serviceAccount = new ServiceAccount(this, 'ServiceAccount', { metadata: named(OPERATOR_NAME) });
    this.serviceAccount = serviceAccount;
    const rights = { serviceAccount, lease: LEASE, labels: OPERATOR_LABELS, watchNamespace, ownNamespaceOnly };
    new OperatorRoles(this, 'OperatorRole', rights);
    // Filled by the operators, and here so that it goes with the rest; after the right to make it anew, which goes first.
    new k8s.KubeLease(this, 'Lease', { metadata: named(LEASE) });
    if (!ownNamespaceOnly) new UserRoles(this, 'UserRoles', { labels: OPERATOR_LABELS });
    if (secureMetrics) new MetricsRoles(this, 'MetricsRoles', { serviceAccount, labels: OPERATOR_LABELS });
    new k8s.KubeService(this, 'Metrics', { metadata: named(`${OPERATOR_NAME}-metrics`), spec: metricsService(props) });
    const spec = deployment(serviceAccount.name, props);
    this.deployment = new k8s.KubeDeployment(this, 'Deployment', { metadata: named(OPERATOR_NAME), spec });
    if (networkPolicy)
      new OperatorNetworkPolicy(this, 'NetworkPolicy', { metadata: named(OPERATOR_NAME), selector, ...networkPolicy });
    if (disruptionBudget)
      new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', { metadata: named(OPERATOR_NAME), spec: budget });
  }
}

const SHAPE: Shape<KonductorOperatorProps> = {
  ...OPERATOR_POD,
  image: optional(checkImage),
  replicas: optional(checkCount),
  secureMetrics: optional(objectOf<SecureMetricsProps>({ certificateSecret: checkSecretName })),
  includeCrd: optional(checkFlag),
  networkPolicy: optional(objectOf(NETWORK_POLICY)),
  disruptionBudget: optional(checkFlag),
};

function checkTogether(props: KonductorOperatorProps): void {
  checkOperatorPod(props);
  if (props.ownNamespaceOnly && props.secureMetrics)
    throw new Error('secureMetrics needs ClusterRoles: leave it out, or leave ownNamespaceOnly out');
}

const namespaceLabels = {
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/managed-by': 'cdk8s',
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};
