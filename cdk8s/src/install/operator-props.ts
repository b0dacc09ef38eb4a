// The props of the operator's install, what is checked about them, and how they become fields of its pod.
import type { k8s } from 'cdk8s-plus-27';
import { fieldsOf, optional, type Rules } from '../props/check-props.ts';
import type { ContainerResources } from '../props/resources.ts';
import {
  checkCount,
  checkFilled,
  checkImage,
  checkName,
  checkPriorityClass,
  checkSecretName,
  checkSecretNames,
} from '../props/rules.ts';
import type { OperatorNetworkPolicyProps } from './network-policy.ts';

/** Props of the operator's pods. */
export interface OperatorPodProps {
  /** Requests and limits of the container. Default: requests of 20m CPU and 96Mi memory, limits of 1 CPU and 256Mi memory. */
  readonly resources?: ContainerResources;
  /** Labels of the nodes that the operator may run on. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that the operator tolerates. */
  readonly tolerations?: k8s.Toleration[];
  /** Affinity to nodes and other pods. */
  readonly affinity?: k8s.Affinity;
  /** How replicas are spread. A constraint without a labelSelector selects the operator's own pods. */
  readonly topologySpreadConstraints?: k8s.TopologySpreadConstraint[];
  /** Name of a PriorityClass, such as `system-cluster-critical`. */
  readonly priorityClassName?: string;
  /** Names of Secrets in the operator's namespace for pulling its image. */
  readonly imagePullSecrets?: string[];
  /** The only namespace that the operator watches and has permissions in. Default: all namespaces. */
  readonly watchNamespace?: string;
  /**
   * Watches only the namespace that the operator runs in, and creates only objects that the administrator of that namespace may
   * apply. The namespace is that of the chart, or the one that kubectl uses. The CRD and the ClusterRole konductor-edit
   * ({@link UserRoles}) must exist. Default: false.
   */
  readonly ownNamespaceOnly?: boolean;
}

/** Props of {@link KonductorOperator}. */
export interface KonductorOperatorProps extends OperatorPodProps {
  /** Image whose entrypoint is the operator. Default: {@link OPERATOR_IMAGE}. */
  readonly image?: string;
  /** Number of pods. One is the leader, the others are on standby. Default: 1. */
  readonly replicas?: number;
  /**
   * Serves metrics over HTTPS, to accounts bound to the ClusterRole konductor-metrics-reader. Default: metrics are served over
   * HTTP, without authentication.
   */
  readonly secureMetrics?: SecureMetricsProps;
  /**
   * Whether to install the CRD. Set it to false if the CRD is installed separately. Default: true, or false with
   * `ownNamespaceOnly`.
   */
  readonly includeCrd?: boolean;
  /**
   * Limits the network traffic of the operator's pods; `false` creates no NetworkPolicy. Default: pods reach the metrics and
   * nothing else; the kubelet's probes are not limited, nor is outgoing traffic.
   */
  readonly networkPolicy?: OperatorNetworkPolicyProps | false;
  /**
   * Lets the operator release Jobs and pods with the label konductor.io/after, as {@link KonductorHold} does. With
   * `ownNamespaceOnly`, it consists of permissions only: the policies are objects of the cluster. Default: the operator releases
   * nothing.
   */
  readonly hold?: OperatorHoldProps;
  /** Creates a PodDisruptionBudget of one unavailable pod, which is useful with several replicas. Default: false. */
  readonly disruptionBudget?: boolean;
}

/** Options of {@link KonductorOperatorProps.hold}. */
export interface OperatorHoldProps {
  /**
   * Whether the label alone holds Jobs and pods when they are created, which requires Kubernetes 1.36 or later. Default: true, or
   * false with `ownNamespaceOnly`.
   */
  readonly mutate?: boolean;
}

/** Options of {@link KonductorOperatorProps.secureMetrics}. */
export interface SecureMetricsProps {
  /**
   * Name of a Secret of type kubernetes.io/tls in konductor-system, for example one that cert-manager maintains. The operator
   * reloads it after a rotation.
   */
  readonly certificateSecret: string;
}

/** The default of {@link OperatorPodProps.resources}. */
export const DEFAULT_RESOURCES: ContainerResources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { cpu: '1', memory: '256Mi' },
};
const OWN_NAMESPACE = 'POD_NAMESPACE';

export const OPERATOR_RULES: Rules<KonductorOperatorProps> = {
  image: optional(checkImage),
  replicas: optional(checkCount),
  priorityClassName: optional(checkPriorityClass),
  imagePullSecrets: optional(checkSecretNames),
  watchNamespace: optional(checkName),
  secureMetrics: optional(fieldsOf<SecureMetricsProps>({ certificateSecret: checkSecretName })),
  // An empty list of ports or peers in a NetworkPolicy allows all of them.
  networkPolicy: optional(
    fieldsOf<OperatorNetworkPolicyProps>({ apiServerPorts: optional(checkFilled), metricsFrom: optional(checkFilled) }),
  ),
};

/** Throws if props contradict each other. */
export function checkContradictions(props: KonductorOperatorProps): void {
  const { watchNamespace, ownNamespaceOnly, secureMetrics, hold } = props;
  if (watchNamespace !== undefined && ownNamespaceOnly)
    throw new Error('watchNamespace and ownNamespaceOnly contradict each other; set only one of them');
  if (ownNamespaceOnly && secureMetrics)
    throw new Error('secureMetrics needs ClusterRoles, which ownNamespaceOnly excludes; set only one of them');
  if (ownNamespaceOnly && hold?.mutate)
    throw new Error('hold.mutate needs policies of the cluster, which ownNamespaceOnly excludes; set only one of them');
}

/** The fields of the pod that decide where it runs; `matchLabels` are its labels. */
export function schedulingOf(props: OperatorPodProps, matchLabels: Record<string, string>): Partial<k8s.PodSpec> {
  // A constraint without a selector matches no pod.
  const spread = (constraint: k8s.TopologySpreadConstraint) => ({ labelSelector: { matchLabels }, ...constraint });
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName } = props;
  return {
    ...{ nodeSelector, affinity, priorityClassName },
    ...(tolerations && { tolerations: [...tolerations] }),
    ...(topologySpreadConstraints && { topologySpreadConstraints: topologySpreadConstraints.map(spread) }),
  };
}

/** Flags of the operator. */
export function watchArguments({ watchNamespace, ownNamespaceOnly }: OperatorPodProps): string[] {
  const watched = ownNamespaceOnly ? `$(${OWN_NAMESPACE})` : watchNamespace;
  return watched === undefined ? [] : [`--watch-namespace=${watched}`];
}

/** The variable that the flags refer to. */
export function watchEnvironment({ ownNamespaceOnly }: OperatorPodProps): Pick<k8s.Container, 'env'> {
  if (!ownNamespaceOnly) return {};
  return { env: [{ name: OWN_NAMESPACE, valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }] };
}
