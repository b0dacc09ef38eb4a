// The network traffic of the operator's pods: in to its metrics, and out to the API server if its ports are given.
import { k8s } from 'cdk8s-plus-27';

/** The operator's NetworkPolicy. */
export interface OperatorNetworkPolicyProps {
  /**
   * Limits outgoing traffic to these ports: the port of the API server's Service, and that of its endpoints, which some network
   * plugins check instead. Default: outgoing traffic is not limited.
   */
  readonly apiServerPorts?: number[];
  /** Peers that may read the metrics. Default: all peers. */
  readonly metricsFrom?: k8s.NetworkPolicyPeer[];
}

/** The default; client-side apply reports a change each time if a list of ports leaves it out. */
const TCP = 'TCP';

/** Needs no DNS, because pods get the address of the API server. Nodes may always probe their pods. */
export function networkPolicy(
  matchLabels: Record<string, string>,
  { apiServerPorts, metricsFrom }: OperatorNetworkPolicyProps,
): k8s.NetworkPolicySpec {
  // The name of the port, because its number depends on secureMetrics.
  const metrics = { port: k8s.IntOrString.fromString('metrics'), protocol: TCP };
  return {
    podSelector: { matchLabels },
    policyTypes: apiServerPorts ? ['Ingress', 'Egress'] : ['Ingress'],
    ingress: [{ ports: [metrics], ...(metricsFrom && { from: [...metricsFrom] }) }],
    ...(apiServerPorts && {
      egress: [{ ports: apiServerPorts.map((port) => ({ port: k8s.IntOrString.fromNumber(port), protocol: TCP })) }],
    }),
  };
}
