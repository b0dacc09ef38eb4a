import { KonductorOperator, type KonductorOperatorProps, VERSION } from '@konductor/cdk8s';
import { App, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const install = (props?: KonductorOperatorProps) => synth((scope) => new KonductorOperator(scope, 'Operator', props));
const deployment = (manifests: Manifest[] = install()) => pick(manifests, 'Deployment');

describe('the Deployment', () => {
  it('selects by the name alone, which no version, move or hash changes', () => {
    const selector = { matchLabels: { 'app.kubernetes.io/name': 'konductor-operator' } };
    const moved = synth((scope) => new KonductorOperator(new Construct(scope, 'Elsewhere'), 'Renamed'));
    expect(deployment().spec.selector).toEqual(selector);
    expect(moved).toEqual(install());
  });

  it('labels the pods that it and the Service select', () => {
    const { selector, template } = deployment().spec;
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(pick(install(), 'Service').spec.selector).toEqual(selector.matchLabels);
    expect(Object.keys(template.metadata.labels).filter((key) => key.startsWith('cdk8s.io/'))).toEqual([]);
  });

  it('is at hand for what no prop says', () => {
    const flag = JsonPatch.add('/spec/template/spec/containers/0/args/-', '--log-level=debug');
    const manifests = synth((scope) => {
      const operator = new KonductorOperator(scope, 'Operator');
      operator.deployment.addJsonPatch(flag);
      expect(operator.serviceAccount.name).toBe('konductor-operator');
    });
    expect(deployment(manifests).spec.template.spec.containers[0].args.at(-1)).toBe('--log-level=debug');
  });

  it('runs as many operators as told to, of which one leads', () => {
    expect(deployment(install({ replicas: 2 })).spec.replicas).toBe(2);
    const { args } = deployment().spec.template.spec.containers[0];
    expect(args.slice(0, 2)).toEqual(['--leader-elect', '--leader-election-id=konductor-operator']);
  });

  it('runs one operator, and brings the new one up before the old one goes', () => {
    expect(deployment().spec).toMatchObject({
      replicas: 1,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  it('meets the restricted Pod Security Standard', () => {
    const { spec } = deployment().spec.template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
  });

  it('serves probes and metrics on the ports that it tells the operator', () => {
    const [container] = deployment().spec.template.spec.containers;
    expect(container).toMatchObject({
      args: expect.arrayContaining(['--metrics-bind-address=:8080', '--health-probe-bind-address=:8081']),
      ports: [
        { name: 'metrics', containerPort: 8080 },
        { name: 'probes', containerPort: 8081 },
      ],
      livenessProbe: { httpGet: { path: '/healthz', port: 'probes' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'probes' } },
    });
    expect(pick(install(), 'Service').spec.ports).toEqual([{ name: 'metrics', port: 8080, targetPort: 'metrics' }]);
  });

  it('has the service account and its token', () => {
    const { name } = pick(install(), 'ServiceAccount').metadata;
    expect(deployment().spec.template.spec).toMatchObject({
      serviceAccountName: name,
      automountServiceAccountToken: true,
    });
  });

  it('asks for little, and takes a loaded image as it is', () => {
    expect(deployment().spec.template.spec.containers[0]).toMatchObject({
      image: `konductor/operator:${VERSION}`,
      imagePullPolicy: 'IfNotPresent',
      resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { memory: '256Mi' } },
    });
  });

  it('runs another image when told to', () => {
    const [container] = deployment(install({ image: 'example.com/operator:1' })).spec.template.spec.containers;
    expect(container.image).toBe('example.com/operator:1');
  });
});

const hasCrd = (manifests: Manifest[]) => manifests.some(({ kind }) => kind === 'CustomResourceDefinition');

describe('the install', () => {
  it('puts everything that has a namespace into konductor-system, which enforces the restricted standard', () => {
    const namespaced = ['ServiceAccount', 'Role', 'RoleBinding', 'Lease', 'Service', 'Deployment'].map(
      (kind) => pick(install(), kind).metadata,
    );
    expect(new Set(namespaced.map(({ namespace }) => namespace))).toEqual(new Set(['konductor-system']));
    expect(pick(install(), 'Namespace').metadata).toMatchObject({
      name: 'konductor-system',
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
  });

  it('brings the CRD unless told not to', () => {
    expect(hasCrd(install())).toBe(true);
    expect(hasCrd(install({ includeCrd: false }))).toBe(false);
  });
});

describe('the install with ownNamespaceOnly', () => {
  const props = { ownNamespaceOnly: true, networkPolicy: {}, disruptionBudget: true };
  const own = install(props);

  it('is made of what the administrator of one namespace may apply, and goes wherever it is applied', () => {
    expect(own.map(({ kind }) => kind).filter((kind) => /^(Cluster|Custom|Namespace$)/.test(kind))).toEqual([]);
    expect(JSON.stringify(own)).not.toContain('"namespace":');
    expect(hasCrd(install({ ...props, includeCrd: true }))).toBe(true);
  });

  it('goes into the namespace of the chart, accounts of bindings included', () => {
    const chart = new Chart(new App(), 'test', { namespace: 'team' });
    new KonductorOperator(chart, 'Operator', props);
    const manifests: Manifest[] = chart.toJson();
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['team']));
    for (const { kind, subjects } of manifests)
      if (kind === 'RoleBinding') expect(subjects).toMatchObject([{ name: 'konductor-operator', namespace: 'team' }]);
  });

  it('tells the operator to look after the namespace that its pod is in', () => {
    expect(deployment(own).spec.template.spec.containers[0]).toMatchObject({
      args: expect.arrayContaining(['--watch-namespace=$(POD_NAMESPACE)']),
      env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    });
  });
});

it('the Lease goes after the right to make it, so that what is deleted in this order cannot come back', () => {
  const names = install().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  const lease = names.indexOf('Lease konductor-operator');
  expect(lease).toBeGreaterThan(names.indexOf('RoleBinding konductor-operator-leader-election'));
  expect(pick(install(), 'Lease')).not.toHaveProperty('spec');
});

describe('secured metrics', () => {
  const secured = install({ secureMetrics: { certificateSecret: 'metrics-tls' } });

  it('are served by HTTPS on a port of their own, with the certificate of the Secret', () => {
    const { volumes, containers } = deployment(secured).spec.template.spec;
    const directory = '/etc/konductor/metrics-certificate';
    expect(containers[0].args).toEqual(
      expect.arrayContaining(['--metrics-bind-address=:8443', '--metrics-secure', `--metrics-cert-path=${directory}`]),
    );
    expect(containers[0].ports).toContainEqual({ name: 'metrics', containerPort: 8443 });
    expect(containers[0].volumeMounts).toEqual([{ name: 'metrics-certificate', mountPath: directory, readOnly: true }]);
    expect(volumes).toEqual([{ name: 'metrics-certificate', secret: { secretName: 'metrics-tls' } }]);
    expect(pick(secured, 'Service').spec.ports).toEqual([{ name: 'metrics', port: 8443, targetPort: 'metrics' }]);
  });

  it('need rights that the plain install does not give', () => {
    const roles = (manifests: Manifest[]) =>
      manifests.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name);
    const added = roles(secured).filter((name) => !roles(install()).includes(name));
    expect(added).toEqual(['konductor-operator-metrics', 'konductor-metrics-reader']);
    expect(pick(secured, 'ClusterRole', 'konductor-operator-metrics').rules).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ]);
    expect(pick(secured, 'ClusterRole', 'konductor-metrics-reader').rules).toEqual([
      { nonResourceURLs: ['/metrics'], verbs: ['get'] },
    ]);
  });
});
