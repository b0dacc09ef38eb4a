// The network traffic that the operator needs: out to the API server, in to its metrics.
import { k8s } from 'cdk8s-plus-27';

/** The operator's NetworkPolicy. */
export interface OperatorNetworkPolicyProps {
  /**
   * Ports of the API server: the port of its Service, and the port of its endpoints, which some network plugins check instead.
   * Default: 443 and 6443.
   */
  readonly apiServerPorts?: readonly number[];
  /** Peers that may read the metrics. Default: all peers. */
  readonly metricsFrom?: readonly k8s.NetworkPolicyPeer[];
}

const API_SERVER_PORTS = [443, 6443];

/** Needs no DNS, because pods get the address of the API server. Nodes may always probe their pods. */
export function networkPolicy(
  matchLabels: Record<string, string>,
  { apiServerPorts = API_SERVER_PORTS, metricsFrom }: OperatorNetworkPolicyProps,
): k8s.NetworkPolicySpec {
  // The name of the port, because its number depends on secureMetrics.
  const metrics = { port: k8s.IntOrString.fromString('metrics') };
  return {
    podSelector: { matchLabels },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ ports: [metrics], ...(metricsFrom && { from: [...metricsFrom] }) }],
    egress: [{ ports: apiServerPorts.map((port) => ({ port: k8s.IntOrString.fromNumber(port) })) }],
  };
}
