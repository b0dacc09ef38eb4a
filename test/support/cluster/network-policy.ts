// What a NetworkPolicy lets through, as Kubernetes defines it, because the clusters of these tests have no network that heeds
// one. https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
import { BlockList } from 'node:net';
import type { k8s } from 'cdk8s-plus-27';
import type { Manifest } from '../../cdk8s/synth.ts';

type Labels = Readonly<Record<string, string>>;

/** A pod, or an address outside of the cluster's network. */
export interface Peer {
  readonly namespace?: Labels;
  readonly labels?: Labels;
  readonly ip: string;
}

export interface Connection {
  /** To the pod that the policy is for, or from it. */
  readonly direction: 'Ingress' | 'Egress';
  readonly peer: Peer;
  readonly port: number;
  /** Default: TCP. */
  readonly protocol?: string;
}

/** Whether a pod's connections of that kind are let through by the one policy that there is; `pod` is as a Deployment has it. */
export function admits({ metadata, spec }: Manifest, pod: Manifest, connection: Connection): boolean {
  const { direction } = connection;
  if (!selects(spec.podSelector, pod.metadata.labels) || !spec.policyTypes.includes(direction)) return true;
  const rules: Manifest[] = spec[direction.toLowerCase()] ?? [];
  const ownNamespace = { 'kubernetes.io/metadata.name': metadata.namespace };
  return rules.some(({ from, to, ports }) => {
    const peers: k8s.NetworkPolicyPeer[] = (direction === 'Ingress' ? from : to) ?? [];
    return (
      (peers.length === 0 || peers.some((peer) => isPeer(peer, connection.peer, ownNamespace))) &&
      (!ports?.length || ports.some((port: Manifest) => isPort(port, connection, pod)))
    );
  });
}

function isPort({ port, endPort, protocol = 'TCP' }: Manifest, connection: Connection, pod: Manifest): boolean {
  if (protocol !== (connection.protocol ?? 'TCP')) return false;
  const first = typeof port === 'string' ? portNamed(port, connection, pod) : port;
  return first === undefined ? port === undefined : first <= connection.port && connection.port <= (endPort ?? first);
}

/** A name is one of the containers of the pod that is connected to, which on the way out is not known here. */
function portNamed(name: string, { direction }: Connection, { spec }: Manifest): number | undefined {
  if (direction === 'Egress') throw new Error(`the port "${name}" of another pod is not known`);
  const ports: Manifest[] = spec.containers.flatMap((container: Manifest) => container.ports ?? []);
  return ports.find((port) => port.name === name)?.containerPort;
}

function isPeer(allowed: k8s.NetworkPolicyPeer, peer: Peer, ownNamespace: Labels): boolean {
  const { ipBlock, namespaceSelector, podSelector } = allowed;
  if (ipBlock) return contains(ipBlock.cidr, peer.ip) && !ipBlock.except?.some((cidr) => contains(cidr, peer.ip));
  if (peer.namespace === undefined) return false;
  const namespace = namespaceSelector ?? { matchLabels: ownNamespace };
  return selects(namespace, peer.namespace) && selects(podSelector ?? {}, peer.labels ?? {});
}

function contains(cidr: string, ip: string): boolean {
  const [network = '', prefix] = cidr.split('/');
  const block = new BlockList();
  block.addSubnet(network, Number(prefix), network.includes(':') ? 'ipv6' : 'ipv4');
  return block.check(ip, ip.includes(':') ? 'ipv6' : 'ipv4');
}

function selects({ matchLabels = {}, matchExpressions = [] }: k8s.LabelSelector, labels: Labels): boolean {
  if (matchExpressions.length > 0) throw new Error('expressions are not evaluated here');
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
}
