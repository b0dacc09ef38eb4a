// The operator's Deployment, its pod and the Service of its metrics.
import { k8s } from 'cdk8s-plus-27';
import { VERSION } from '../version.ts';
import { restrictedContainer, restrictedPod } from '../workloads/pod-security.ts';
import { withPullSecrets } from '../workloads/pod-template.ts';
import {
  type KonductorOperatorProps,
  resourcesOf,
  type SecureMetricsProps,
  schedulingOf,
  watchArguments,
  watchEnvironment,
} from './operator-props.ts';

/** The operator of this version. Nobody publishes it: build it, and load it into the cluster's nodes. */
export const OPERATOR_IMAGE = `konductor/operator:${VERSION}`;

export const NAMESPACE = 'konductor-system';
export const OPERATOR_NAME = 'konductor-operator';
export const LEASE = OPERATOR_NAME;
const METRICS_PORT = { plain: 8080, secure: 8443 };
const CERTIFICATE_VOLUME = 'metrics-certificate';
const CERTIFICATE_DIRECTORY = '/etc/konductor/metrics-certificate';
const PROBES_PORT = 8081;

/** A Deployment's selector is immutable: nothing in it may change with the version or the construct's place. */
export const selector = { 'app.kubernetes.io/name': OPERATOR_NAME };
/** Labels of everything that an install consists of. */
export const OPERATOR_LABELS = {
  ...selector,
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/version': VERSION,
  'app.kubernetes.io/managed-by': 'cdk8s',
};

/** Not minAvailable, which would keep the node of a single replica from ever being drained. */
export const budget: k8s.PodDisruptionBudgetSpec = {
  maxUnavailable: k8s.IntOrString.fromNumber(1),
  selector: { matchLabels: selector },
};

export function metricsService({ secureMetrics }: KonductorOperatorProps): k8s.ServiceSpec {
  const port = metricsPort(secureMetrics);
  return { selector, ports: [{ name: 'metrics', port, targetPort: k8s.IntOrString.fromString('metrics') }] };
}

function metricsPort(secureMetrics: SecureMetricsProps | undefined): number {
  return secureMetrics ? METRICS_PORT.secure : METRICS_PORT.plain;
}

export function deployment(serviceAccountName: string, props: KonductorOperatorProps): k8s.DeploymentSpec {
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
