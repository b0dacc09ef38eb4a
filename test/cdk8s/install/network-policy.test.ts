// Which connections the operator's NetworkPolicy admits, by evaluating it: those of docs/guides/operator.md, and no others.
import { KonductorOperator, type KonductorOperatorProps } from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { admits, type Connection, type Peer } from '../../support/cluster/network-policy.ts';
import { pick, synth } from '../synth.ts';

const namespaceOf = (name: string) => ({ 'kubernetes.io/metadata.name': name });
const prometheus: Peer = { namespace: namespaceOf('monitoring'), labels: { app: 'prometheus' }, ip: '10.244.0.9' };
const workload: Peer = { namespace: namespaceOf('jobs'), labels: { app: 'work' }, ip: '10.244.0.7' };
const neighbour: Peer = { namespace: namespaceOf('konductor-system'), ip: '10.244.0.8' };
const service: Peer = { ip: '10.96.0.1' };
const apiServer: Peer = { ip: '172.18.0.2' };
const elsewhere: Peer = { ip: '203.0.113.5' };

const to = (peer: Peer, port: number, protocol = 'TCP'): Connection => ({ direction: 'Egress', peer, port, protocol });
const from = (peer: Peer, port: number, protocol = 'TCP'): Connection => ({
  direction: 'Ingress',
  peer,
  port,
  protocol,
});

function judge(props: KonductorOperatorProps, change: (pod: object) => object = (pod) => pod) {
  const manifests = synth((scope) => new KonductorOperator(scope, 'Operator', props));
  const pod = change(pick(manifests, 'Deployment').spec.template);
  return (connection: Connection) => admits(pick(manifests, 'NetworkPolicy'), pod, connection);
}

const secureMetrics = { certificateSecret: 'tls' };
const monitoring = { namespaceSelector: { matchLabels: namespaceOf('monitoring') } };
const block = { ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.0.7/32'] } };

describe('by default', () => {
  const isAdmitted = judge({ networkPolicy: {} });

  it.each<[string, Connection]>([
    ['the operator to the Service of the API server', to(service, 443)],
    ['the operator to the API server behind it', to(apiServer, 6443)],
    // As its address is not known to the policy.
    ['the operator to whoever else has these ports', to(elsewhere, 443)],
    ['Prometheus to the metrics', from(prometheus, 8080)],
    ['any pod to the metrics', from(workload, 8080)],
  ])('admits %s', (_, connection) => {
    expect(isAdmitted(connection)).toBe(true);
  });

  it.each<[string, Connection]>([
    ['the operator to DNS', to({ namespace: namespaceOf('kube-system'), ip: '10.96.0.10' }, 53, 'UDP')],
    ['the operator to DNS by TCP', to(service, 53)],
    ['the operator to the web in plain', to(elsewhere, 80)],
    ['the operator to the metrics of another', to(neighbour, 8080)],
    ['the operator by QUIC', to(service, 443, 'UDP')],
    ['pods to the probes', from(neighbour, 8081)],
    ['pods to any other port', from(neighbour, 443)],
    ['pods to the metrics by UDP', from(workload, 8080, 'UDP')],
  ])('keeps out %s', (_, connection) => {
    expect(isAdmitted(connection)).toBe(false);
  });
});

it('admits readers of secured metrics to their port, and not to the plain one', () => {
  const isAdmitted = judge({ networkPolicy: {}, secureMetrics });
  expect([from(prometheus, 8443), from(prometheus, 8080)].map(isAdmitted)).toEqual([true, false]);
});

it('admits those to the metrics who are named, by their namespace or address, and to nothing else', () => {
  const byNamespace = judge({ networkPolicy: { metricsFrom: [monitoring] } });
  expect([prometheus, workload, neighbour, elsewhere].map((peer) => byNamespace(from(peer, 8080)))).toEqual([
    ...[true, false, false, false],
  ]);
  expect(byNamespace(from(prometheus, 8081))).toBe(false);
  const byAddress = judge({ networkPolicy: { metricsFrom: [block] } });
  expect([prometheus, workload, elsewhere].map((peer) => byAddress(from(peer, 8080)))).toEqual([true, false, false]);
  const neighboursOnly = judge({ networkPolicy: { metricsFrom: [{ podSelector: {} }] } });
  expect([neighbour, prometheus].map((peer) => neighboursOnly(from(peer, 8080)))).toEqual([true, false]);
});

it('admits the operator to the ports that are named, and not to the usual ones', () => {
  const isAdmitted = judge({ networkPolicy: { apiServerPorts: [16443] } });
  expect([16443, 443, 6443].map((port) => isAdmitted(to(apiServer, port)))).toEqual([true, false, false]);
});

it('says nothing of other pods', () => {
  const isAdmitted = judge({ networkPolicy: {} }, () => ({ metadata: { labels: { app: 'other' } } }));
  expect([to(elsewhere, 80), from(workload, 22)].map(isAdmitted)).toEqual([true, true]);
});
