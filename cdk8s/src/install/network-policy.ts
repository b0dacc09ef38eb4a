// The network traffic that the operator needs: out to the API server, in to its metrics.
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';

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

interface Props extends OperatorNetworkPolicyProps {
  readonly metadata: k8s.ObjectMeta;
  readonly selector: Record<string, string>;
}

const API_SERVER_PORTS = [443, 6443];

/** Needs no DNS, because pods get the address of the API server. Nodes may always probe their pods. */
export class OperatorNetworkPolicy extends Construct {
  constructor(scope: Construct, id: string, { metadata, selector, apiServerPorts, metricsFrom }: Props) {
    super(scope, id);
    const ports = (apiServerPorts ?? API_SERVER_PORTS).map((port) => ({ port: k8s.IntOrString.fromNumber(port) }));
    // The name of the port, because its number depends on secureMetrics.
    const metrics = { port: k8s.IntOrString.fromString('metrics') };
    new k8s.KubeNetworkPolicy(this, 'Resource', {
      metadata,
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [metrics], ...(metricsFrom && { from: [...metricsFrom] }) }],
        egress: [{ ports }],
      },
    });
  }
}
