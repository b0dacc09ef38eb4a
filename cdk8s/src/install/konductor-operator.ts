// The install of Konductor: namespace, CRD, RBAC, the operator's Deployment and the Service of its metrics.
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, checkOnlyOne, inConstruct } from '../props/check-props.ts';
import { AdmissionPolicies } from '../rbac/admission-policies.ts';
import { HoldRoles } from '../rbac/grant.ts';
import { MetricsRoles, OperatorRoles, UserRoles } from '../rbac/roles.ts';
import { OPERATOR_IMAGE } from '../workloads/images.ts';
import { WaitGroupCrd } from './crd.ts';
import { KonductorHold } from './hold.ts';
import { networkPolicy } from './network-policy.ts';
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
import { checkContradictions, type KonductorOperatorProps, OPERATOR_RULES } from './operator-props.ts';

/**
 * The operator in the namespace konductor-system, once per cluster; or with `ownNamespaceOnly` in any namespace, for that
 * namespace. Throws if a prop is invalid.
 */
export class KonductorOperator extends Construct {
  /** See {@link OPERATOR_IMAGE}. */
  static readonly IMAGE: string = OPERATOR_IMAGE;

  /** The Deployment, for changes that no prop covers, such as flags and annotations: `deployment.addJsonPatch(…)`. */
  readonly deployment: k8s.KubeDeployment;
  /** The service account that has the operator's permissions. */
  readonly serviceAccount: ServiceAccount;

  constructor(scope: Construct, id: string, props: KonductorOperatorProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorOperator', this);
    inConstruct('KonductorOperator', this, () => {
      checkFields(props, OPERATOR_RULES);
      checkContradictions(props);
    });
    const { ownNamespaceOnly = false, includeCrd = !ownNamespaceOnly } = props;
    const namespace = ownNamespaceOnly ? {} : { namespace: NAMESPACE };
    const named = (name: string) => ({ name, ...namespace, labels: OPERATOR_LABELS });
    if (!ownNamespaceOnly)
      new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: NAMESPACE, labels: namespaceLabels } });
    if (includeCrd) new WaitGroupCrd(this, 'WaitGroupCrd');
    this.serviceAccount = new ServiceAccount(this, 'ServiceAccount', { metadata: named(OPERATOR_NAME) });
    this.#addRoles(props);
    this.#addHold(props);
    // The operators fill it; here, it is deleted with the other objects. It comes after the permission to create it, so that
    // deletion in this order removes the permission first.
    new k8s.KubeLease(this, 'Lease', { metadata: named(LEASE) });
    new k8s.KubeService(this, 'Metrics', { metadata: named(`${OPERATOR_NAME}-metrics`), spec: metricsService(props) });
    const spec = deployment(this.serviceAccount.name, props);
    this.deployment = new k8s.KubeDeployment(this, 'Deployment', { metadata: named(OPERATOR_NAME), spec });
    const metadata = named(OPERATOR_NAME);
    const { networkPolicy: traffic = {} } = props;
    if (traffic) new k8s.KubeNetworkPolicy(this, 'NetworkPolicy', { metadata, spec: networkPolicy(selector, traffic) });
    if (props.disruptionBudget) new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', { metadata, spec: budget });
  }

  #addRoles({ watchNamespace, ownNamespaceOnly = false, secureMetrics }: KonductorOperatorProps): void {
    const common = { serviceAccount: this.serviceAccount, labels: OPERATOR_LABELS };
    new OperatorRoles(this, 'OperatorRole', { ...common, lease: LEASE, watchNamespace, ownNamespaceOnly });
    if (!ownNamespaceOnly) {
      new UserRoles(this, 'UserRoles', { labels: OPERATOR_LABELS });
      new AdmissionPolicies(this, 'AdmissionPolicies', { labels: OPERATOR_LABELS });
    }
    if (secureMetrics) new MetricsRoles(this, 'MetricsRoles', common);
  }

  #addHold({ hold, ownNamespaceOnly, watchNamespace }: KonductorOperatorProps): void {
    if (!hold) return;
    if (!ownNamespaceOnly) new KonductorHold(this, 'Hold', { ...hold, watchNamespace });
    else {
      const { kind, name, namespace } = this.serviceAccount.toSubjectConfiguration();
      const subject = { kind, name, namespace };
      new HoldRoles(this, 'Hold', { subject, labels: OPERATOR_LABELS, limitedTo: { namespace } });
    }
  }
}

const namespaceLabels = {
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/managed-by': 'cdk8s',
  'pod-security.kubernetes.io/enforce': 'restricted',
  'pod-security.kubernetes.io/warn': 'restricted',
};
