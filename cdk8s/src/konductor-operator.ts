// Everything that an install of Konductor needs: namespace, CRD, rights, the operator's Deployment and its Service.
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { WaitGroupCrd } from './crd.ts';
import { NETWORK_POLICY, OperatorNetworkPolicy, type OperatorNetworkPolicyProps } from './network-policy.ts';
import { checkOnlyOne } from './only-one.ts';
import {
  checkOperatorPod,
  OPERATOR_POD,
  type OperatorPodProps,
  resourcesOf,
  schedulingOf,
  watchArguments,
  watchEnvironment,
} from './operator-props.ts';
import { restrictedContainer, restrictedPod } from './pod-security.ts';
import { checkCount, checkFlag, checkImage, checkSecretName, inProps } from './props/rules.ts';
import { checkProps, objectOf, optional, type Shape } from './props/shapes.ts';
import { MetricsRoles, OperatorRoles, UserRoles } from './rbac.ts';
import { VERSION } from './version.ts';
import { withPullSecrets } from './workloads/pod-template.ts';

/** The operator of this version. Nobody publishes it: build it, and load it into the cluster's nodes. */
export const OPERATOR_IMAGE = `konductor/operator:${VERSION}`;

export const NAMESPACE = 'konductor-system';
export const OPERATOR_NAME = 'konductor-operator';
const NAME = OPERATOR_NAME;
const LEASE = NAME;
const METRICS_PORT = { plain: 8080, secure: 8443 };
const CERTIFICATE_VOLUME = 'metrics-certificate';
const CERTIFICATE_DIRECTORY = '/etc/konductor/metrics-certificate';
const PROBES_PORT = 8081;

/** A Deployment's selector is immutable: nothing in it may change with the version or the construct's place. */
const selector = { 'app.kubernetes.io/name': NAME };
/** Of everything that an install consists of. */
export const OPERATOR_LABELS = {
  ...selector,
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/version': VERSION,
  'app.kubernetes.io/managed-by': 'cdk8s',
};
const place = ({ ownNamespaceOnly }: KonductorOperatorProps) => (ownNamespaceOnly ? {} : { namespace: NAMESPACE });

/** For {@link KonductorOperator}. */
export interface KonductorOperatorProps extends OperatorPodProps {
  /** Absent: {@link OPERATOR_IMAGE}. Its entry point is the operator. */
  readonly image?: string;
  /** How many stand ready; one of them works. Default: 1. */
  readonly replicas?: number;
  /** Serves metrics by HTTPS, to those who are bound to the ClusterRole konductor-metrics-reader. Default: in plain, to all. */
  readonly secureMetrics?: SecureMetricsProps;
  /**
   * False where the CRD is installed by other means, as charts with CRDs in a step of their own do. Default: true, with
   * `ownNamespaceOnly` false.
   */
  readonly includeCrd?: boolean;
  /** Limits the traffic of its pods; given as `{}` with the defaults. Default: no limits. */
  readonly networkPolicy?: OperatorNetworkPolicyProps;
  /** Lets a drained node evict one of its pods at a time. Default: false, as it matters to several replicas only. */
  readonly disruptionBudget?: boolean;
}

/** For {@link KonductorOperatorProps.secureMetrics}. */
export interface SecureMetricsProps {
  /** A Secret of type kubernetes.io/tls in konductor-system, such as cert-manager keeps; the operator follows its rotation. */
  readonly certificateSecret: string;
}

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
    const serviceAccount = new ServiceAccount(this, 'ServiceAccount', { metadata: named(NAME) });
    this.serviceAccount = serviceAccount;
    const rights = { serviceAccount, lease: LEASE, labels: OPERATOR_LABELS, watchNamespace, ownNamespaceOnly };
    new OperatorRoles(this, 'OperatorRole', rights);
    // Filled by the operators, and here so that it goes with the rest; after the right to make it anew, which goes first.
    new k8s.KubeLease(this, 'Lease', { metadata: named(LEASE) });
    if (!ownNamespaceOnly) new UserRoles(this, 'UserRoles', { labels: OPERATOR_LABELS });
    if (secureMetrics) new MetricsRoles(this, 'MetricsRoles', { serviceAccount, labels: OPERATOR_LABELS });
    new k8s.KubeService(this, 'Metrics', { metadata: named(`${NAME}-metrics`), spec: metricsService(props) });
    const spec = deployment(serviceAccount.name, props);
    this.deployment = new k8s.KubeDeployment(this, 'Deployment', { metadata: named(NAME), spec });
    if (networkPolicy)
      new OperatorNetworkPolicy(this, 'NetworkPolicy', { metadata: named(NAME), selector, ...networkPolicy });
    if (disruptionBudget)
      new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', { metadata: named(NAME), spec: budget });
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

function metricsService({ secureMetrics }: KonductorOperatorProps): k8s.ServiceSpec {
  const port = metricsPort(secureMetrics);
  return { selector, ports: [{ name: 'metrics', port, targetPort: k8s.IntOrString.fromString('metrics') }] };
}

function metricsPort(secureMetrics: SecureMetricsProps | undefined): number {
  return secureMetrics ? METRICS_PORT.secure : METRICS_PORT.plain;
}

/** Not minAvailable, which would keep the node of a single replica from ever being drained. */
const budget: k8s.PodDisruptionBudgetSpec = {
  maxUnavailable: k8s.IntOrString.fromNumber(1),
  selector: { matchLabels: selector },
};

function deployment(serviceAccountName: string, props: KonductorOperatorProps): k8s.DeploymentSpec {
  return {
    replicas: props.replicas ?? 1,
    selector: { matchLabels: selector },
    // The new operator stands by before the old one goes and hands over to it.
    strategy: {
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: k8s.IntOrString.fromNumber(1), maxUnavailable: k8s.IntOrString.fromNumber(0) },
    },
    template: { metadata: { labels: OPERATOR_LABELS }, spec: pod(serviceAccountName, props) },
  };
}

function pod(serviceAccountName: string, props: KonductorOperatorProps): k8s.PodSpec {
  const { secureMetrics, imagePullSecrets } = props;
  const spec = {
    serviceAccountName,
    automountServiceAccountToken: true,
    securityContext: restrictedPod(),
    terminationGracePeriodSeconds: 10,
    ...schedulingOf(props, selector),
    containers: [operatorContainer(props)],
    ...(secureMetrics && {
      volumes: [{ name: CERTIFICATE_VOLUME, secret: { secretName: secureMetrics.certificateSecret } }],
    }),
  };
  return withPullSecrets(spec, imagePullSecrets);
}

function operatorContainer(props: KonductorOperatorProps): k8s.Container {
  const { image = OPERATOR_IMAGE, secureMetrics } = props;
  return {
    name: 'operator',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      '--leader-elect',
      `--leader-election-id=${LEASE}`,
      `--metrics-bind-address=:${metricsPort(secureMetrics)}`,
      ...(secureMetrics ? ['--metrics-secure', `--metrics-cert-path=${CERTIFICATE_DIRECTORY}`] : []),
      `--health-probe-bind-address=:${PROBES_PORT}`,
      ...watchArguments(props),
    ],
    ...watchEnvironment(props),
    ports: [
      { name: 'metrics', containerPort: metricsPort(secureMetrics) },
      { name: 'probes', containerPort: PROBES_PORT },
    ],
    livenessProbe: httpProbe('/healthz'),
    // Ready within a tenth of a second: the default period of ten seconds would hide it.
    readinessProbe: { ...httpProbe('/readyz'), periodSeconds: 2 },
    resources: resourcesOf(props),
    securityContext: restrictedContainer(),
    ...(secureMetrics && {
      volumeMounts: [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIRECTORY, readOnly: true }],
    }),
  };
}

function httpProbe(path: string): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString('probes') } };
}
