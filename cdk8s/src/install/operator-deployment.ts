// The operator's Deployment, its pod, and the Service of its metrics.
import { k8s } from 'cdk8s-plus-27';
import { resourcesOf } from '../props/resources.ts';
import { VERSION } from '../version.ts';
import { OPERATOR_IMAGE } from '../workloads/images.ts';
import { restrictedContainer, restrictedPod } from '../workloads/pod-security.ts';
import { withPullSecrets } from '../workloads/pod-template.ts';
import {
  DEFAULT_RESOURCES,
  type KonductorOperatorProps,
  schedulingOf,
  watchArguments,
  watchEnvironment,
} from './operator-props.ts';

export const NAMESPACE = 'konductor-system';
export const OPERATOR_NAME = 'konductor-operator';
export const LEASE = OPERATOR_NAME;
const CERTIFICATE_VOLUME = 'metrics-certificate';
const CERTIFICATE_DIRECTORY = '/etc/konductor/metrics-certificate';
const PROBES_PORT = 8081;

/** The selector of a Deployment is immutable: it must not depend on the version or on the construct's path. */
export const selector = { 'app.kubernetes.io/name': OPERATOR_NAME };
/** Labels of every object of an install. */
export const OPERATOR_LABELS = {
  ...selector,
  'app.kubernetes.io/part-of': 'konductor',
  'app.kubernetes.io/version': VERSION,
  'app.kubernetes.io/managed-by': 'cdk8s',
};

/** Not minAvailable, which would prevent the node of a single replica from being drained. */
export const budget: k8s.PodDisruptionBudgetSpec = {
  maxUnavailable: k8s.IntOrString.fromNumber(1),
  selector: { matchLabels: selector },
};

export function metricsService(props: KonductorOperatorProps): k8s.ServiceSpec {
  const targetPort = k8s.IntOrString.fromString('metrics');
  return { selector, ports: [{ name: 'metrics', port: metricsPort(props), targetPort }] };
}

function metricsPort({ secureMetrics }: KonductorOperatorProps): number {
  return secureMetrics ? 8443 : 8080;
}

export function deployment(serviceAccountName: string, props: KonductorOperatorProps): k8s.DeploymentSpec {
  return {
    replicas: props.replicas ?? 1,
    selector: { matchLabels: selector },
    // The new operator is on standby before the old one hands over to it and exits.
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
  const { image = OPERATOR_IMAGE, secureMetrics, resources = DEFAULT_RESOURCES } = props;
  return {
    name: 'operator',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      '--leader-elect',
      `--leader-election-id=${LEASE}`,
      `--metrics-bind-address=:${metricsPort(props)}`,
      ...(secureMetrics ? ['--metrics-secure', `--metrics-cert-path=${CERTIFICATE_DIRECTORY}`] : []),
      `--health-probe-bind-address=:${PROBES_PORT}`,
      ...watchArguments(props),
    ],
    ...watchEnvironment(props),
    ports: [
      { name: 'metrics', containerPort: metricsPort(props) },
      { name: 'probes', containerPort: PROBES_PORT },
    ],
    livenessProbe: httpProbe('/healthz'),
    // The operator is ready within 0.1 s, which the default period of 10 s would hide.
    readinessProbe: { ...httpProbe('/readyz'), periodSeconds: 2 },
    resources: resourcesOf(resources),
    securityContext: restrictedContainer(),
    ...(secureMetrics && {
      volumeMounts: [{ name: CERTIFICATE_VOLUME, mountPath: CERTIFICATE_DIRECTORY, readOnly: true }],
    }),
  };
}

function httpProbe(path: string): k8s.Probe {
  return { httpGet: { path, port: k8s.IntOrString.fromString('probes') } };
}
