import { KonductorOperator, type KonductorOperatorProps } from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const install = (props?: KonductorOperatorProps) => synth((scope) => new KonductorOperator(scope, 'Operator', props));
const podOf = (props: KonductorOperatorProps) => pick(install(props), 'Deployment').spec.template.spec;
const selector = { matchLabels: { 'app.kubernetes.io/name': 'konductor-operator' } };

describe('the operator’s pods', () => {
  it('take what resources they are given, and nothing beside', () => {
    const resources = { requests: { cpu: '0.1' }, limits: { cpu: '1', memory: '1Gi' } };
    expect(podOf({ resources }).containers[0].resources).toEqual(resources);
    expect(podOf({ resources: {} }).containers[0].resources).toEqual({});
  });

  it('are pulled with the Secrets that are named', () => {
    expect(podOf({ imagePullSecrets: ['registry'] }).imagePullSecrets).toEqual([{ name: 'registry' }]);
    expect(podOf({})).not.toHaveProperty('imagePullSecrets');
    expect(() => podOf({ imagePullSecrets: [''] })).toThrow(
      /^KonductorOperator test\/Operator: imagePullSecrets has "", which names no Secret: write /,
    );
  });

  it.each<[KonductorOperatorProps, string]>([
    [{ image: '' }, 'image is empty: say which'],
    [{ image: 'my operator' }, 'image is "my operator", which has blanks in it: write it like '],
    [{ replicas: 1e12 }, 'replicas is 1000000000000: write 2147483647 at most'],
    [{ priorityClassName: 'Very High' }, 'priorityClassName has "Very High", which names no PriorityClass: write '],
    [{ secureMetrics: { certificateSecret: '' } }, 'secureMetrics.certificateSecret has "", which names no Secret: '],
  ])('refuse %j', (props, sentence) => {
    expect(() => install(props)).toThrow(`KonductorOperator test/Operator: ${sentence}`);
  });

  it('run where they are told to', () => {
    const placement = {
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
      priorityClassName: 'system-cluster-critical',
    };
    expect(podOf(placement)).toMatchObject(placement);
  });

  it('are spread by counting themselves, unless told what to count', () => {
    const constraint = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' };
    const other = { ...constraint, labelSelector: { matchLabels: { app: 'other' } } };
    const { topologySpreadConstraints } = podOf({ topologySpreadConstraints: [constraint, other] });
    expect(topologySpreadConstraints).toEqual([{ ...constraint, labelSelector: selector }, other]);
  });
});

describe('watchNamespace', () => {
  it('is told to the operator, which then has rights there and nowhere else', () => {
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
});

describe('networkPolicy', () => {
  const policy = (props: KonductorOperatorProps['networkPolicy']) =>
    pick(install({ networkPolicy: props }), 'NetworkPolicy').spec;

  it('lets its pods talk to the API server alone, and everybody to its metrics', () => {
    expect(policy({})).toEqual({
      podSelector: selector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: 'metrics' }] }],
      egress: [{ ports: [{ port: 443 }, { port: 6443 }] }],
    });
  });

  it('takes other ports, and those who may read the metrics', () => {
    const from = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }];
    const { ingress, egress } = policy({ apiServerPorts: [16443], metricsFrom: from });
    expect([ingress, egress]).toEqual([[{ ports: [{ port: 'metrics' }], from }], [{ ports: [{ port: 16443 }] }]]);
  });
});

describe('disruptionBudget', () => {
  it('lets one pod at a time be evicted, so that a single one can be too', () => {
    const { spec } = pick(install({ disruptionBudget: true }), 'PodDisruptionBudget');
    expect(spec).toEqual({ maxUnavailable: 1, selector });
  });
});

it('makes neither policy nor budget unless told to', () => {
  const kinds = install().map(({ kind }) => kind);
  expect(kinds).not.toContain('NetworkPolicy');
  expect(kinds).not.toContain('PodDisruptionBudget');
});

it.each<[KonductorOperatorProps, string]>([
  [{ replicas: -1 }, 'replicas is -1: write a whole number that is 0 or more'],
  [{ watchNamespace: 'Jobs' }, 'watchNamespace "Jobs" is no DNS label: write 1 to 63 lower-case letters'],
  [
    { watchNamespace: 'jobs', ownNamespaceOnly: true },
    'watchNamespace is "jobs", but it is to look after its own namespace',
  ],
  [
    { ownNamespaceOnly: true, secureMetrics: { certificateSecret: 'tls' } },
    'secureMetrics needs ClusterRoles: leave it out',
  ],
  [{ resources: { limits: { memory: '96MB' } } }, 'resources.limits.memory is "96MB": write an amount like 20m'],
  [
    { resources: { requests: { memory: '1Gi' }, limits: { memory: '256Mi' } } },
    'resources.requests.memory is "1Gi", more than its limit "256Mi": raise the limit',
  ],
  [
    { resources: { requests: { cpu: '1.5' }, limits: { cpu: '1200m' } } },
    'resources.requests.cpu is "1.5", more than its limit "1200m": raise the limit',
  ],
  [{ resources: { requests: { cpu: '' } } }, 'resources.requests.cpu is "": write an amount like 20m'],
])('refuses %j', (props, sentence) => {
  expect(() => install(props)).toThrow(`KonductorOperator test/Operator: ${sentence}`);
});

it.each([
  { requests: { cpu: '0.5' }, limits: { cpu: '500m' } },
  { requests: { memory: '1000M' }, limits: { memory: '1Gi' } },
  { requests: { memory: '1e3' }, limits: { memory: '1Ki' } },
])('takes %j, which is within its limits', (resources) => {
  expect(podOf({ resources }).containers[0].resources).toEqual(resources);
});
