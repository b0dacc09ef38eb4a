// Every value of the Helm chart at once: the API server accepts what helm renders, and each value is where it belongs. And the
// chart as a subchart.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@konductor/cdk8s';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { type Manifest, pick } from '../../cdk8s/synth.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { installPrometheusCrds } from '../../support/cluster/prometheus-crds.ts';
import { CHART, documents, renderText, temporaryFolder } from '../../support/processes/helm-chart.ts';
import { kubectl } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
const home = temporaryFolder();
const values = join(import.meta.dirname, '../../fixtures/every-value.yaml');
const digest = /digest: "(.*)"/.exec(readFileSync(values, 'utf8'))?.[1];

let namespace: string;

beforeAll(async () => {
  namespace = await createNamespace(access, 'chart', { 'pod-security.kubernetes.io/enforce': 'restricted' });
});

describe('a release with every value', () => {
  let text: string;
  let manifests: Manifest[];
  let pod: Manifest;

  beforeAll(async () => {
    text = await renderText(home, CHART, `--namespace=${namespace}`, '--values', values);
    manifests = documents(text);
    pod = pick(manifests, 'Deployment').spec.template;
  });

  it('is accepted by the API server, with all fields', async () => {
    await installPrometheusCrds(access);
    const own = manifests.filter(({ apiVersion }) => apiVersion !== 'cert-manager.io/v1');
    const apply = ['apply', '--dry-run=server', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-'];
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: own });
    expect(await kubectl(access, apply, { input })).toMatchObject({ code: 0, stderr: '' });
  });

  it('has pods that the restricted standard admits', async () => {
    const { spec } = pod;
    const operator = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace }, spec };
    for (const object of [operator, pick(manifests, 'Pod', 'konductor-doctor')]) {
      const input = JSON.stringify({ ...object, spec: { ...object.spec, serviceAccountName: 'default' } });
      const created = await kubectl(access, ['create', '--dry-run=server', '-f', '-'], { input });
      expect(created).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it('has names of its own in its namespace, and those of the cluster', () => {
    const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ? '' : '*'}${metadata.name}`);
    const own = ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'ServiceMonitor'].map(
      (kind) => `${kind} counter`,
    );
    const cluster = ['ClusterRole', 'ClusterRoleBinding'].map((kind) => `${kind} *konductor-operator`);
    const others = ['Service counter-metrics', 'Lease konductor-operator', 'ServiceAccount operators'];
    expect(names).toEqual(expect.arrayContaining([...own, ...others, ...cluster, 'Role counter-leader-election']));
    const namespaces = new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []));
    expect(namespaces).toEqual(new Set([namespace]));
  });

  it('runs the account that it binds', () => {
    const { metadata } = pick(manifests, 'ServiceAccount', 'operators');
    expect(metadata.annotations).toEqual({ 'example.com/role': 'operators' });
    expect(pod.spec.serviceAccountName).toBe('operators');
    const subjects = manifests.flatMap(({ metadata, subjects = [] }) =>
      metadata.name === 'konductor-doctor' ? [] : subjects,
    );
    expect(subjects).toHaveLength(4);
    for (const subject of subjects) expect(subject).toMatchObject({ name: 'operators', namespace });
    expect(pick(manifests, 'RoleBinding').roleRef.name).toBe(pick(manifests, 'Role').metadata.name);
  });

  it('starts the operator with the flags, image and resources', () => {
    const [container] = pod.spec.containers;
    expect(container.args.slice(-2)).toEqual(['--log-level=debug', '--leader-elect-lease-duration=30s']);
    expect(container.args).toContain('--leader-election-id=konductor-operator');
    expect(container).toMatchObject({
      image: 'mirror.example.com:5000/konductor/operator:2',
      imagePullPolicy: 'Always',
      resources: { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '1Gi' } },
    });
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, privileged: false, capabilities: { drop: ['ALL'] } },
    });
    expect(pick(manifests, 'Deployment').spec.replicas).toBe(3);
  });

  it('places the pods', () => {
    const labelSelector = { matchLabels: { 'app.kubernetes.io/name': 'konductor-operator' } };
    const spread = { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' };
    const other = {
      ...spread,
      topologyKey: 'topology.kubernetes.io/zone',
      labelSelector: { matchLabels: { app: 'other' } },
    };
    expect(pod.spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ operator: 'Exists' }],
      affinity: { podAntiAffinity: expect.any(Object) },
      topologySpreadConstraints: [{ ...spread, labelSelector }, other],
      priorityClassName: 'system-cluster-critical',
      imagePullSecrets: [{ name: 'shared' }, { name: 'other' }, { name: 'own' }],
    });
    expect(pod.spec.topologySpreadConstraints[1]).toEqual(other);
    expect(pick(manifests, 'Pod', 'konductor-doctor').spec).toMatchObject({
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ operator: 'Exists' }],
    });
  });

  it('labels and annotates the pods, whose security context is extended', () => {
    const { labels, annotations } = pod.metadata;
    expect(labels).toMatchObject({ 'app.kubernetes.io/name': 'konductor-operator', team: 'batch', mesh: 'no' });
    expect(annotations).toEqual({ 'example.com/scrape': 'true' });
    expect(pod.spec.securityContext).toEqual({
      ...{ runAsNonRoot: true, runAsUser: 1000, fsGroup: 5, seccompProfile: { type: 'RuntimeDefault' } },
    });
  });

  it('limits the network', () => {
    const { spec } = pick(manifests, 'NetworkPolicy');
    const from = [{ podSelector: { matchLabels: { app: 'prometheus' } } }];
    expect(spec.ingress).toEqual([{ ports: [{ port: 'metrics', protocol: 'TCP' }], from }, { ports: [{ port: 9 }] }]);
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(spec.egress).toEqual([{ ports: [443, 6443].map((port) => ({ port, protocol: 'TCP' })) }]);
    expect(pick(manifests, 'PodDisruptionBudget').spec.maxUnavailable).toBe('50%');
  });

  it('secures the metrics with a certificate of cert-manager, which the ServiceMonitor checks', () => {
    const { spec } = pick(manifests, 'Certificate');
    const name = `counter-metrics.${namespace}.svc`;
    expect(spec).toEqual({
      ...{ dnsNames: [name], secretName: 'counter-metrics-tls' },
      issuerRef: { kind: 'Issuer', name: pick(manifests, 'Issuer').metadata.name },
    });
    expect(pod.spec.volumes).toEqual([{ name: 'metrics-certificate', secret: { secretName: 'counter-metrics-tls' } }]);
    const { metadata, spec: monitor } = pick(manifests, 'ServiceMonitor');
    expect(metadata.labels).toMatchObject({ release: 'prometheus' });
    expect(monitor.endpoints).toMatchObject([
      {
        scheme: 'https',
        interval: '30s',
        tlsConfig: { serverName: name, ca: { secret: { name: 'counter-metrics-tls' } } },
      },
    ]);
  });

  it('alerts on its own Service, with the dashboard of Grafana', () => {
    const rule = pick(manifests, 'PrometheusRule');
    expect(rule.metadata.labels).toMatchObject({ release: 'prometheus' });
    const dashboard = pick(manifests, 'ConfigMap');
    expect(dashboard.metadata.labels).toMatchObject({ grafana_dashboard: '1', folder: 'batch' });
    for (const object of [rule, dashboard]) {
      const jobs = [...JSON.stringify(object).matchAll(/job=[\\"]*([\w-]+)/g)].map(([, job]) => job);
      expect(new Set(jobs)).toEqual(new Set(['counter-metrics']));
    }
    expect(JSON.stringify(rule)).toContain('{{ $labels.reason }}');
  });

  it('injects koncli of the same registry, with the pull secrets', () => {
    const { spec } = pick(manifests, 'MutatingAdmissionPolicy', 'koncli.konductor.io');
    const image = `mirror.example.com:5000/konductor/koncli@${digest}`;
    expect(spec.variables).toContainEqual({ name: 'image', expression: `"${image}"` });
    const policy = JSON.stringify(spec);
    expect(policy).toContain('pullPolicy: \\"Never\\"');
    expect(policy).toContain('[\\"shared\\",\\"other\\",\\"own\\"].filter');
    const [container] = pick(manifests, 'Pod', 'konductor-doctor').spec.containers;
    expect(container).toMatchObject({ image, imagePullPolicy: 'Never' });
  });
});

describe('a parent chart', () => {
  const renderParent = async (dependency: object, parentValues: object) => {
    const parent = join(home, `parent-${Math.random()}`);
    cpSync(CHART, join(parent, 'charts/konductor'), { recursive: true });
    mkdirSync(join(parent, 'templates'));
    const dependencies = [{ name: 'konductor', version: VERSION, repository: 'file://../konductor', ...dependency }];
    const chart = { apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies };
    writeFileSync(join(parent, 'Chart.yaml'), stringify(chart));
    writeFileSync(join(parent, 'values.yaml'), stringify(parentValues));
    return documents(await renderText(home, parent, '--namespace=team'));
  };
  const condition = { condition: 'konductor.enabled' };

  it('enables the chart by its condition, and shares its global values', async () => {
    const global = { imageRegistry: 'r.example.com', imagePullSecrets: ['shared'], storageClass: 'fast' };
    const manifests = await renderParent(condition, { global, konductor: { enabled: true, replicas: 2 } });
    const { spec } = pick(manifests, 'Deployment');
    expect(spec.replicas).toBe(2);
    expect(spec.template.spec.imagePullSecrets).toEqual([{ name: 'shared' }]);
    expect(spec.template.spec.containers[0].image).toBe(`r.example.com/konductor/operator:${VERSION}`);
  });

  it('disables the chart by its condition', async () => {
    expect(await renderParent(condition, { konductor: { enabled: false } })).toEqual([]);
  });

  it('enables the chart by tags, under another name, with the same names of objects', async () => {
    const dependency = { alias: 'counting', tags: ['batch'] };
    expect(await renderParent(dependency, { tags: { batch: false } })).toEqual([]);
    const manifests = await renderParent(dependency, { tags: { batch: true }, counting: { replicas: 2, tags: {} } });
    expect(pick(manifests, 'Deployment')).toMatchObject({
      metadata: { name: 'konductor-operator' },
      spec: { replicas: 2 },
    });
  });
});
