// Everything that an install of Konductor needs: namespace, CRD, rights, the operator's Deployment and its Service.
import { k8s, ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { WaitGroupCrd } from './crd.ts';
import { OperatorNetworkPolicy, type OperatorNetworkPolicyProps } from './network-policy.ts';
import {
  checkOperatorPod,
  type OperatorPodProps,
  resourcesOf,
  schedulingOf,
  watchArguments,
} from './operator-props.ts';
import { restrictedContainer, restrictedPod } from './pod-security.ts';
import { checkCount, inProps } from './prop-rules.ts';
import { MetricsRoles, OperatorRoles, UserRoles } from './rbac.ts';
import { VERSION } from './version.ts';

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
const labels = {
  ...selector,
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/version': VERSION,
  'app.kubernetes.io/managed-by': 'cdk8s',
};
const named = (name: string) => ({ name, namespace: NAMESPACE, labels });

/** For {@link KonductorOperator}. */
export interface KonductorOperatorProps extends OperatorPodProps {
  /** Absent: {@link OPERATOR_IMAGE}. Its entry point is the operator. */
  readonly image?: string;
  /** How many stand ready; one of them works. Default: 1. */
  readonly replicas?: number;
  /** Serves metrics by HTTPS, to those who are bound to the ClusterRole konductor-metrics-reader. Default: in plain, to all. */
  readonly secureMetrics?: SecureMetricsProps;
  /** False where the CRD is installed by other means, as charts with CRDs in a step of their own do. Default: true. */
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
 * The operator in its namespace, konductor-system. One to a cluster. Throws when a prop is not what the API server would take.
 */
export class KonductorOperator extends Construct {
  constructor(scope: Construct, id: string, props: KonductorOperatorProps = {}) {
    super(scope, id);
    inProps('KonductorOperator', this, () => checkProps(props));
    const { includeCrd = true, secureMetrics, watchNamespace, networkPolicy, disruptionBudget = false } = props;
    new k8s.KubeNamespace(this, 'Namespace', { metadata: { name: NAMESPACE, labels: namespaceLabels } });
    if (includeCrd) new WaitGroupCrd(this, 'WaitGroupCrd');
    const serviceAccount = new ServiceAccount(this, 'ServiceAccount', { metadata: named(NAME) });
    new OperatorRoles(this, 'OperatorRole', { serviceAccount, lease: LEASE, labels, watchNamespace });
    new UserRoles(this, 'UserRoles', { labels });
    if (secureMetrics) new MetricsRoles(this, 'MetricsRoles', { serviceAccount, labels });
    new k8s.KubeService(this, 'Metrics', { metadata: named(`${NAME}-metrics`), spec: metricsService(props) });
    const spec = deployment(serviceAccount.name, props);
    new k8s.KubeDeployment(this, 'Deployment', { metadata: named(NAME), spec });
    if (networkPolicy)
      new OperatorNetworkPolicy(this, 'NetworkPolicy', { metadata: named(NAME), selector, ...networkPolicy });
    if (disruptionBudget)
      new k8s.KubePodDisruptionBudget(this, 'DisruptionBudget', { metadata: named(NAME), spec: budget });
  }
}

function checkProps(props: KonductorOperatorProps): void {
  if (props.replicas !== undefined) checkCount(props.replicas, 'replicas');
  checkOperatorPod(props);
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
    template: { metadata: { labels }, spec: pod(serviceAccountName, props) },
  };
}

function pod(serviceAccountName: string, props: KonductorOperatorProps): k8s.PodSpec {
  const { secureMetrics } = props;
  return {
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
