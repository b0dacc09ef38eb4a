import { KonductorOperator, type KonductorOperatorProps } from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const install = (props?: KonductorOperatorProps) => synth((scope) => new KonductorOperator(scope, 'Operator', props));
const podOf = (props: KonductorOperatorProps) => pick(install(props), 'Deployment').spec.template.spec;
const selector = { matchLabels: { 'app.kubernetes.io/name': 'konductor-operator' } };

describe('the pod of the operator', () => {
  it('has exactly the resources that are set', () => {
    const resources = { requests: { cpu: '0.1' }, limits: { cpu: '1', memory: '1Gi' } };
    expect(podOf({ resources }).containers[0].resources).toEqual(resources);
    expect(podOf({ resources: {} }).containers[0].resources).toEqual({});
  });

  it('names Secrets for pulling its image if they are set', () => {
    expect(podOf({ imagePullSecrets: ['registry'] }).imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(podOf({})).not.toHaveProperty('imagePullSecrets');
  });

  it('is scheduled as the props say', () => {
    const placement = {
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      priorityClassName: 'system-cluster-critical',
    };
    expect(podOf(placement)).toMatchObject(placement);
    for (const field of Object.keys(placement)) expect(podOf({})).not.toHaveProperty(field);
  });

  it('is spread by its own labels if a constraint has no selector', () => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' };
    const other = { ...constraint, labelSelector: { matchLabels: { app: 'other' } } };
    const { topologySpreadConstraints } = podOf({ topologySpreadConstraints: [constraint, other] });
    expect(topologySpreadConstraints).toEqual([{ ...constraint, labelSelector: selector }, other]);
  });
});

it('watchNamespace limits the operator and its permissions to one namespace', () => {
  const manifests = install({ watchNamespace: 'jobs' });
  const [container] = pick(manifests, 'Deployment').spec.template.spec.containers;
  expect(container.args).toContain('--watch-namespace=jobs');
  expect(pick(manifests, 'Role', 'konductor-operator').metadata.namespace).toBe('jobs');
  expect(pick(manifests, 'RoleBinding', 'konductor-operator')).toMatchObject({
    metadata: { namespace: 'jobs' },
    roleRef: { kind: 'Role', name: 'konductor-operator' },
    subjects: [{ name: 'konductor-operator', namespace: 'konductor-system' }],
  });
  const clusterWide = manifests.filter(({ kind }: Manifest) => kind.startsWith('ClusterRole'));
  expect(clusterWide.map(({ metadata }) => metadata.name)).toEqual(['konductor-view', 'konductor-edit']);
});

describe('networkPolicy', () => {
  const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];

  it('lets all peers reach the metrics and nothing else by default', () => {
    const { spec } = pick(install(), 'NetworkPolicy');
    const ingress = [{ ports: [{ port: 'metrics', protocol: 'TCP' }] }];
    expect(spec).toEqual({ podSelector: selector, policyTypes: ['Ingress'], ingress });
    expect(pick(install({ networkPolicy: {} }), 'NetworkPolicy').spec).toEqual(spec);
  });

  it('takes the peers, and limits outgoing traffic to the ports of the API server', () => {
    const networkPolicy = { apiServerPorts: [443, 16443], metricsFrom: from };
    expect(pick(install({ networkPolicy }), 'NetworkPolicy').spec).toEqual({
      podSelector: selector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: 'metrics', protocol: 'TCP' }], from }],
      egress: [{ ports: [443, 16443].map((port) => ({ port, protocol: 'TCP' })) }],
    });
  });

  it('can be left out', () => {
    expect(install({ networkPolicy: false }).map(({ kind }) => kind)).not.toContain('NetworkPolicy');
  });
});

it('disruptionBudget allows one pod to be unavailable, so that a single pod can be evicted', () => {
  const { spec } = pick(install({ disruptionBudget: true }), 'PodDisruptionBudget');
  expect(spec).toEqual({ maxUnavailable: 1, selector });
});

it('creates no PodDisruptionBudget by default', () => {
  expect(install().map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
});

it.each<[KonductorOperatorProps, string]>([
  [{ replicas: -1 }, 'replicas is -1; it must be an integer from 0 to 2147483647'],
  [{ replicas: 1e12 }, 'replicas is 1000000000000; it must be an integer from 0 to 2147483647'],
  [{ image: 'my operator' }, 'image "my operator" is not an image reference; write it like registry.example.com/'],
  [
    { imagePullSecrets: ['a', ''] },
    'imagePullSecrets[1] "" is not a valid name of a Secret; use at most 253 lowercase',
  ],
  [{ priorityClassName: 'Very High' }, 'priorityClassName "Very High" is not a valid name of a PriorityClass; use '],
  [
    { secureMetrics: { certificateSecret: '' } },
    'secureMetrics.certificateSecret "" is not a valid name of a Secret; use ',
  ],
  [{ watchNamespace: 'Jobs' }, 'watchNamespace "Jobs" is not a DNS label; use 1 to 63 lowercase letters'],
  [{ networkPolicy: { apiServerPorts: [] } }, 'networkPolicy.apiServerPorts must not be empty'],
  [{ networkPolicy: { metricsFrom: [] } }, 'networkPolicy.metricsFrom must not be empty'],
  [
    { watchNamespace: 'jobs', ownNamespaceOnly: true },
    'watchNamespace and ownNamespaceOnly contradict each other; set only one of them',
  ],
  [
    { ownNamespaceOnly: true, secureMetrics: { certificateSecret: 'tls' } },
    'secureMetrics needs ClusterRoles, which ownNamespaceOnly excludes; set only one of them',
  ],
])('rejects %j', (props, sentence) => {
  expect(() => install(props)).toThrow(`KonductorOperator test/Operator: ${sentence}`);
});
