// What can be said of the operator's pods: where they run, what they may take, which namespace they look after.
import { k8s } from 'cdk8s-plus-27';
import { checkAffinity, checkToleration, checkTopologySpread } from '../props/kubernetes.ts';
import { checkLabels } from '../props/labels.ts';
import { checkFlag, checkIsText, checkName, checkPriorityClass, checkSecretNames } from '../props/rules.ts';
import { listOf, objectOf, optional, type Shape } from '../props/shapes.ts';
import type { OperatorNetworkPolicyProps } from './network-policy.ts';
import { parseQuantity } from './quantity.ts';

/** Amounts as Kubernetes writes them, such as `20m` and `96Mi`; an absent one is not asked for, or not limited. */
export interface OperatorResources {
  /** What a node must have free. */
  readonly requests?: { readonly cpu?: string; readonly memory?: string };
  /** What it may take at most. */
  readonly limits?: { readonly cpu?: string; readonly memory?: string };
}

/** Of the operator's pods. */
export interface OperatorPodProps {
  /** Default: requests of 20m CPU and 96Mi memory, a limit of 256Mi memory. One that is given replaces all of them. */
  readonly resources?: OperatorResources;
  /** Labels of the nodes that it may run on. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that it bears. */
  readonly tolerations?: readonly k8s.Toleration[];
  /** Which nodes and neighbours it prefers or needs. */
  readonly affinity?: k8s.Affinity;
  /** How several replicas are spread. One without labelSelector counts the operator's own pods. */
  readonly topologySpreadConstraints?: readonly k8s.TopologySpreadConstraint[];
  /** A PriorityClass, such as `system-cluster-critical`. */
  readonly priorityClassName?: string;
  /** Secrets of its namespace with which its image is pulled. */
  readonly imagePullSecrets?: readonly string[];
  /** The only namespace that it looks after, and has rights in. Default: all. */
  readonly watchNamespace?: string;
  /**
   * Looks after the namespace that it lives in and no other, and is made of nothing but what that namespace's administrator
   * may apply: the chart's namespace, or the one that kubectl is told. The CRD and konductor-edit ({@link UserRoles}) must be
   * there. Default: false.
   */
  readonly ownNamespaceOnly?: boolean;
}

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

/** What {@link OperatorPodProps.resources} is when it is absent. */
export const DEFAULT_RESOURCES: OperatorResources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { memory: '256Mi' },
};
const OWN_NAMESPACE = 'POD_NAMESPACE';

const amounts = objectOf<NonNullable<OperatorResources['requests']>>({
  cpu: optional(checkAmount),
  memory: optional(checkAmount),
});

export const OPERATOR_POD: Shape<OperatorPodProps> = {
  resources: optional(objectOf<OperatorResources>({ requests: optional(amounts), limits: optional(amounts) })),
  nodeSelector: optional(checkLabels),
  tolerations: optional(listOf(checkToleration)),
  affinity: optional(checkAffinity),
  topologySpreadConstraints: optional(listOf(checkTopologySpread)),
  priorityClassName: optional(checkPriorityClass),
  imagePullSecrets: optional(checkSecretNames),
  watchNamespace: optional(checkName),
  ownNamespaceOnly: optional(checkFlag),
};

/** Throws a sentence where props contradict each other. */
export function checkOperatorPod({ watchNamespace, ownNamespaceOnly, resources }: OperatorPodProps): void {
  if (watchNamespace !== undefined && ownNamespaceOnly)
    throw new Error(
      `watchNamespace is "${watchNamespace}", but it is to look after its own namespace: leave one of both out`,
    );
  checkLimits(resources);
}

function checkAmount(amount: unknown, what: string): void {
  checkIsText(amount, what);
  if (parseQuantity(amount) === undefined)
    throw new Error(`${what} is "${amount}": write an amount like 20m, 0.5 or 96Mi`);
}

function checkLimits({ requests = {}, limits = {} }: OperatorResources = {}): void {
  for (const name of ['cpu', 'memory'] as const) {
    const [request = '', limit = ''] = [requests[name], limits[name]];
    if ((parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? Number.POSITIVE_INFINITY))
      throw new Error(`resources.requests.${name} is "${request}", more than its limit "${limit}": raise the limit`);
  }
}

/** For the container. */
export function resourcesOf({ resources = DEFAULT_RESOURCES }: OperatorPodProps): k8s.ResourceRequirements {
  return { requests: quantities(resources.requests), limits: quantities(resources.limits) };
}

function quantities(amounts: Readonly<Record<string, string>> | undefined) {
  const given = Object.entries(amounts ?? {}).filter(([, amount]) => amount !== undefined);
  const entries = given.map(([name, amount]) => [name, k8s.Quantity.fromString(amount)]);
  return given.length === 0 ? undefined : Object.fromEntries(entries);
}

/** For the pod, whose labels these are. */
export function schedulingOf(props: OperatorPodProps, matchLabels: Record<string, string>): Partial<k8s.PodSpec> {
  // Without a selector a constraint matches no pod.
  const ofOwnPods = (constraint: k8s.TopologySpreadConstraint) => ({ labelSelector: { matchLabels }, ...constraint });
  const { nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName } = props;
  return {
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations: [...tolerations] }),
    ...(affinity && { affinity }),
    ...(topologySpreadConstraints && { topologySpreadConstraints: topologySpreadConstraints.map(ofOwnPods) }),
    ...(priorityClassName && { priorityClassName }),
  };
}

/** For the command line. */
export function watchArguments({ watchNamespace, ownNamespaceOnly }: OperatorPodProps): string[] {
  const watched = ownNamespaceOnly ? `$(${OWN_NAMESPACE})` : watchNamespace;
  return watched === undefined ? [] : [`--watch-namespace=${watched}`];
}

/** For the container: what the command line names. */
export function watchEnvironment({ ownNamespaceOnly }: OperatorPodProps): Pick<k8s.Container, 'env'> {
  if (!ownNamespaceOnly) return {};
  return { env: [{ name: OWN_NAMESPACE, valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }] };
}
