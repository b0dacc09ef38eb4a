// Whom the operator's pods may talk to, and who may talk to them.
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkNetworkPeer } from '../props/kubernetes.ts';
import { checkPort } from '../props/rules.ts';
import { filledListOf, optional, type Shape } from '../props/shapes.ts';

/** For the operator's NetworkPolicy. */
export interface OperatorNetworkPolicyProps {
  /**
   * Ports that the API server may be reached at: that of its Service, and behind it that of its endpoints, which some
   * networks look at instead. Default: 443 and 6443.
   */
  readonly apiServerPorts?: readonly number[];
  /** Who may read the metrics. Default: everybody in the cluster's network. */
  readonly metricsFrom?: readonly k8s.NetworkPolicyPeer[];
}

interface Props extends OperatorNetworkPolicyProps {
  readonly metadata: k8s.ObjectMeta;
  readonly selector: Record<string, string>;
}

const API_SERVER_PORTS = [443, 6443];

/** To Kubernetes, no port and no peer at all would mean all of them. */
export const NETWORK_POLICY: Shape<OperatorNetworkPolicyProps> = {
  apiServerPorts: optional(filledListOf(checkPort)),
  metricsFrom: optional(filledListOf(checkNetworkPeer)),
};

/** Out to the API server, which is found by address, so without DNS; in to the metrics. Nodes may always probe. */
export class OperatorNetworkPolicy extends Construct {
  constructor(scope: Construct, id: string, { metadata, selector, apiServerPorts, metricsFrom }: Props) {
    super(scope, id);
    const ports = (apiServerPorts ?? API_SERVER_PORTS).map((port) => ({ port: k8s.IntOrString.fromNumber(port) }));
    // By its name: it has another number when it is served by HTTPS.
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
