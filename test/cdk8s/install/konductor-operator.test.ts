import { KonductorOperator, type KonductorOperatorProps, OPERATOR_IMAGE } from '@konductor/cdk8s';
import { App, Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const install = (props?: KonductorOperatorProps) => synth((scope) => new KonductorOperator(scope, 'Operator', props));
const installed = install();
const deployment = (manifests: Manifest[] = installed) => pick(manifests, 'Deployment');
const podOf = (manifests?: Manifest[]) => deployment(manifests).spec.template.spec;

describe('the Deployment', () => {
  it('selects by the name only, which does not depend on version or path', () => {
    const selector = { matchLabels: { 'app.kubernetes.io/name': 'konductor-operator' } };
    const moved = synth((scope) => new KonductorOperator(new Construct(scope, 'Elsewhere'), 'Renamed'));
    expect(deployment().spec.selector).toEqual(selector);
    expect(moved).toEqual(installed);
  });

  it('labels the pods that it and the Service select', () => {
    const { selector, template } = deployment().spec;
    expect(template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(pick(installed, 'Service').spec.selector).toEqual(selector.matchLabels);
    expect(Object.keys(template.metadata.labels).filter((key) => key.startsWith('cdk8s.io/'))).toEqual([]);
  });

  it('can be patched', () => {
    const flag = JsonPatch.add('/spec/template/spec/containers/0/args/-', '--log-level=debug');
    const manifests = synth((scope) => {
      const operator = new KonductorOperator(scope, 'Operator');
      operator.deployment.addJsonPatch(flag, JsonPatch.add('/spec/template/metadata/annotations', { scrape: 'true' }));
      expect(operator.serviceAccount.name).toBe('konductor-operator');
    });
    expect(podOf(manifests).containers[0].args.at(-1)).toBe('--log-level=debug');
    expect(deployment(manifests).spec.template.metadata.annotations).toEqual({ scrape: 'true' });
  });

  it('runs one operator with leader election, and starts a new one before the old one stops', () => {
    const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    expect(deployment().spec).toMatchObject({ replicas: 1, strategy });
    expect(deployment(install({ replicas: 2 })).spec.replicas).toBe(2);
  });

  it('has a pod that is restricted, modest, probed, and has the token of its account', () => {
    expect(podOf()).toMatchObject({
      serviceAccountName: pick(installed, 'ServiceAccount').metadata.name,
      automountServiceAccountToken: true,
      // The image names its user.
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(podOf().containers).toMatchObject([
      {
        image: OPERATOR_IMAGE,
        imagePullPolicy: 'IfNotPresent',
        args: [
          ...['--leader-elect', '--leader-election-id=konductor-operator'],
          ...['--metrics-bind-address=:8080', '--health-probe-bind-address=:8081'],
        ],
        ports: [
          { name: 'metrics', containerPort: 8080 },
          { name: 'probes', containerPort: 8081 },
        ],
        livenessProbe: { httpGet: { path: '/healthz', port: 'probes' } },
        readinessProbe: { httpGet: { path: '/readyz', port: 'probes' } },
        resources: { requests: { cpu: '20m', memory: '96Mi' }, limits: { cpu: '1', memory: '256Mi' } },
        securityContext: {
          ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
          capabilities: { drop: ['ALL'] },
        },
      },
    ]);
    expect(pick(installed, 'Service').spec.ports).toEqual([{ name: 'metrics', port: 8080, targetPort: 'metrics' }]);
  });

  it('runs another image if one is set', () => {
    expect(podOf(install({ image: 'example.com/operator:1' })).containers[0].image).toBe('example.com/operator:1');
  });
});

const hasCrd = (manifests: Manifest[]) => manifests.some(({ kind }) => kind === 'CustomResourceDefinition');

describe('the install', () => {
  it('puts all namespaced objects into konductor-system, which enforces the restricted standard', () => {
    const namespaced = ['ServiceAccount', 'Role', 'RoleBinding', 'Lease', 'Service', 'Deployment'].map(
      (kind) => pick(installed, kind).metadata,
    );
    expect(new Set(namespaced.map(({ namespace }) => namespace))).toEqual(new Set(['konductor-system']));
    expect(pick(installed, 'Namespace').metadata).toMatchObject({
      name: 'konductor-system',
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
  });

  it('contains the CRD by default', () => {
    expect(hasCrd(installed)).toBe(true);
    expect(hasCrd(install({ includeCrd: false }))).toBe(false);
  });

  it('has the Lease after the permission to create it, so that deletion in this order is final', () => {
    const names = installed.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const lease = names.indexOf('Lease konductor-operator');
    expect(lease).toBeGreaterThan(names.indexOf('RoleBinding konductor-operator-leader-election'));
    expect(pick(installed, 'Lease')).not.toHaveProperty('spec');
  });
});

describe('the install with ownNamespaceOnly', () => {
  const props = { ownNamespaceOnly: true, disruptionBudget: true };
  const own = install(props);

  it('has only objects that the administrator of a namespace may apply, in the namespace of kubectl', () => {
    expect(own.map(({ kind }) => kind).filter((kind) => /^(Cluster|Custom|Namespace$)/.test(kind))).toEqual([]);
    expect(JSON.stringify(own)).not.toContain('"namespace":');
    expect(hasCrd(install({ ...props, includeCrd: true }))).toBe(true);
  });

  it('is in the namespace of the chart, including the subjects of bindings', () => {
    const chart = new Chart(new App(), 'test', { namespace: 'team' });
    new KonductorOperator(chart, 'Operator', props);
    const manifests: Manifest[] = chart.toJson();
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['team']));
    for (const { kind, subjects } of manifests)
      if (kind === 'RoleBinding') expect(subjects).toMatchObject([{ name: 'konductor-operator', namespace: 'team' }]);
  });

  it('makes the operator watch the namespace of its pod', () => {
    expect(podOf(own).containers[0]).toMatchObject({
      args: expect.arrayContaining(['--watch-namespace=$(POD_NAMESPACE)']),
      env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
    });
  });
});

describe('secured metrics', () => {
  const secured = install({ secureMetrics: { certificateSecret: 'metrics-tls' } });

  it('are served over HTTPS on a port of their own, with the certificate of the Secret', () => {
    const { volumes, containers } = podOf(secured);
    const directory = '/etc/konductor/metrics-certificate';
    expect(containers[0].args).toEqual(
      expect.arrayContaining(['--metrics-bind-address=:8443', '--metrics-secure', `--metrics-cert-path=${directory}`]),
    );
    expect(containers[0].ports).toContainEqual({ name: 'metrics', containerPort: 8443 });
    expect(containers[0].volumeMounts).toEqual([{ name: 'metrics-certificate', mountPath: directory, readOnly: true }]);
    expect(volumes).toEqual([{ name: 'metrics-certificate', secret: { secretName: 'metrics-tls' } }]);
    expect(pick(secured, 'Service').spec.ports).toEqual([{ name: 'metrics', port: 8443, targetPort: 'metrics' }]);
  });

  it('need permissions that the plain install does not grant', () => {
    const roles = (manifests: Manifest[]) =>
      manifests.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name);
    const added = roles(secured).filter((name) => !roles(installed).includes(name));
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
