// The shipped Helm chart, rendered by helm: it contains the objects of the constructs, configured by its values.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KonductorInjection, KonductorMonitoring, KonductorOperator, OPERATOR_IMAGE, VERSION } from '@konductor/cdk8s';
import type { Construct } from 'constructs';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { helm } from '../../support/processes/helm.ts';
import {
  byName,
  CHART,
  documents,
  KUBERNETES,
  renderText,
  temporaryFolder,
} from '../../support/processes/helm-chart.ts';

const home = temporaryFolder();
const run = (...args: string[]) => helm(args, { home });
const render = async (...flags: string[]): Promise<Manifest[]> =>
  documents(await renderText(home, CHART, '--namespace=konductor-system', ...flags));
const podOf = (manifests: Manifest[]) => pick(manifests, 'Deployment').spec.template.spec;
const containerOf = (manifests: Manifest[]) => podOf(manifests).containers[0];

it('passes helm lint, and misses nothing', async () => {
  expect(await run('lint', '--strict', KUBERNETES, CHART)).not.toMatch(/\[\w+\]/);
});

/** Without the labels that all objects of a chart have, and without its test. */
function unlabelled(manifests: Manifest[]): Manifest[] {
  const own = manifests.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.name !== 'konductor-doctor');
  return byName(own).map((manifest) => {
    const { metadata, spec } = JSON.parse(JSON.stringify(manifest));
    const labelled = [metadata, ...(manifest.kind === 'Deployment' ? [spec.template.metadata] : [])];
    for (const object of labelled)
      for (const label of Object.keys(object.labels ?? {}))
        if (/^(app.kubernetes.io|helm.sh)\//.test(label)) delete object.labels[label];
    return { ...manifest, metadata: { ...metadata, labels: metadata.labels ?? {} }, ...(spec && { spec }) };
  });
}

describe('the objects', () => {
  const recommended = (name: string) => ({
    'app.kubernetes.io/name': `konductor-${name}`,
    'app.kubernetes.io/instance': 'konductor',
    'app.kubernetes.io/version': VERSION,
    'app.kubernetes.io/component': name,
    'app.kubernetes.io/part-of': 'konductor',
    'app.kubernetes.io/managed-by': 'Helm',
    'helm.sh/chart': `konductor-${VERSION}`,
  });

  it('are those of install.yaml without the namespace, and keep only the CRDs', async () => {
    const installed = documents(readFileSync(join(CHART, '../../manifests/install.yaml'), 'utf8'));
    for (const { kind, metadata } of installed)
      if (kind === 'CustomResourceDefinition') metadata.annotations = { 'helm.sh/resource-policy': 'keep' };
    expect(unlabelled(await render())).toEqual(unlabelled(installed));
  });

  it('have the recommended labels, which the selectors do not depend on', async () => {
    const manifests = await render('--set', 'commonLabels.team=batch,commonLabels.app\\.kubernetes\\.io/name=mine');
    for (const { kind, metadata } of manifests) {
      const labels = { ...recommended(metadata.name === 'konductor-doctor' ? 'doctor' : 'operator'), team: 'batch' };
      expect([kind, metadata.labels]).toEqual([kind, expect.objectContaining(labels)]);
    }
    const { selector, template } = pick(manifests, 'Deployment').spec;
    const own = { 'app.kubernetes.io/name': 'konductor-operator' };
    expect([selector.matchLabels, pick(manifests, 'Service').spec.selector]).toEqual([own, own]);
    expect(template.metadata.labels).toMatchObject(own);
  });

  const monitoring = 'serviceMonitor.enabled=true,prometheusRule.enabled=true,dashboard.enabled=true';
  const secret = { certificateSecret: 'metrics-tls' };
  it.each<[string, (scope: Construct) => void]>([
    [
      `secureMetrics.certificateSecret=metrics-tls,hold.enabled=true,podDisruptionBudget.enabled=true,${monitoring},injection.enabled=true,imagePullSecrets={registry},crds.keep=false`,
      (scope) => {
        const imagePullSecrets = ['registry'];
        const props = { secureMetrics: secret, hold: {}, disruptionBudget: true, imagePullSecrets };
        new KonductorOperator(scope, 'Operator', props);
        new KonductorMonitoring(scope, 'Monitoring', { caSecret: 'metrics-tls' });
        new KonductorInjection(scope, 'Injection', { imagePullSecrets });
      },
    ],
    [
      `networkPolicy.enabled=false,hold.enabled=true,hold.mutate=false,injection.enabled=true,${monitoring},crds.enabled=false`,
      (scope) => {
        new KonductorOperator(scope, 'Operator', { networkPolicy: false, hold: { mutate: false }, includeCrd: false });
        new KonductorMonitoring(scope, 'Monitoring');
        new KonductorInjection(scope, 'Injection');
      },
    ],
    // Values that an earlier release did not have, and `--reuse-values` leaves out.
    [
      'global=null,koncli=null,serviceAccount=null,crds.keep=false,podSecurityContext=null,securityContext=null,secureMetrics=null,networkPolicy=null,hold=null,injection=null,serviceMonitor=null,prometheusRule=null,dashboard=null,podDisruptionBudget=null,commonLabels=null,extraArgs=null',
      (scope) => new KonductorOperator(scope, 'Operator'),
    ],
  ])('with %s are those of the constructs', async (values, add) => {
    expect(unlabelled(await render('--set', values))).toEqual(unlabelled(synth(add)));
  });
});

describe('the values of the pods', () => {
  it('set resources and pull secrets, or leave them out', async () => {
    const values =
      'replicas=0,resources.requests=null,resources.limits=null,image.tag=null,imagePullSecrets=null,namespace=null';
    const manifests = await render('--set', values);
    expect(containerOf(manifests)).toMatchObject({ image: OPERATOR_IMAGE, resources: {} });
    expect(podOf(manifests)).not.toHaveProperty('imagePullSecrets');
    expect(pick(manifests, 'Deployment').spec.replicas).toBe(0);
  });

  it('bound the account of the operator in any namespace', async () => {
    const manifests = await render(
      '--set',
      'nameOverride=counter,hold.enabled=true,namespace=team,serviceAccount.create=false,serviceAccount.name=mine',
    );
    const { matchConditions } = pick(manifests, 'ValidatingAdmissionPolicy', 'hold.konductor.io').spec;
    const expression = "request.userInfo.username == 'system:serviceaccount:team:mine'";
    expect(matchConditions).toEqual([{ name: 'is-operator', expression }]);
    const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name);
    expect(accounts).toEqual(['konductor-doctor']);
    expect(podOf(manifests).serviceAccountName).toBe('mine');
    expect(pick(manifests, 'Deployment').metadata).toMatchObject({ name: 'counter', namespace: 'team' });
  });

  const digest = `sha256:${'a'.repeat(64)}`;
  it.each([
    [`image.digest=${digest},image.tag=v1`, `${OPERATOR_IMAGE.replace(/:[^:]*$/, '')}@${digest}`],
    ['image.registry=mirror:5000/', `mirror:5000/${OPERATOR_IMAGE.split('/').slice(1).join('/')}`],
    [
      'image.repository=konductor/operator,global.imageRegistry=mirror.example.com',
      `mirror.example.com/konductor/operator:${VERSION}`,
    ],
    ['image.repository=r.example.com/operator,image.tag=v2', 'r.example.com/operator:v2'],
  ])('with %s name the image %s', async (values, image) => {
    expect(containerOf(await render('--set', values)).image).toBe(image);
  });
});

describe('the schema', () => {
  it.each([
    ['replica=2', "additional properties 'replica' not allowed"],
    ['replicas=-1', "at '/replicas': minimum: got -1, want 0"],
    ['replicas=99999999999', "at '/replicas': maximum: "],
    ['replicas=null', "missing property 'replicas'"],
    ['image=null', "missing property 'image'"],
    ['image.repository=my operator', "at '/image/repository': 'my operator' does not match pattern"],
    ['image.tag=1 0', "at '/image/tag': '1 0' does not match pattern"],
    ['image.digest=latest', "at '/image/digest': 'latest' does not match pattern"],
    ['image.pullPolicy=Sometimes', "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'"],
    ['namespace=My_Team', "at '/namespace': 'My_Team' does not match pattern"],
    ['fullnameOverride=My_Team', "at '/fullnameOverride': 'My_Team' does not match pattern"],
    ['resources.limit.cpu=1', "at '/resources': additional properties 'limit' not allowed"],
    ['resources.limits.memory=96MB', "at '/resources/limits/memory': '96MB' does not match pattern"],
    ['secureMetrics.certificateSecret=My_Secret', "at '/secureMetrics/certificateSecret': 'My_Secret' does not match"],
    ['networkPolicy.enabled=no', "at '/networkPolicy/enabled': got string, want boolean"],
    ['networkPolicy.apiServerPorts={0}', "at '/networkPolicy/apiServerPorts/0': minimum: got 0, want 1"],
    ['hold.mutates=true', "at '/hold': additional properties 'mutates' not allowed"],
    ['imagePullSecrets[0].name=My_Secret', "at '/imagePullSecrets/0/name': 'My_Secret' does not match pattern"],
    ['logLevel=verbose', "at '/logLevel': value must be one of '', 'debug', 'info', 'warn', 'error'"],
    ['extraArgs={verbose}', "at '/extraArgs/0': 'verbose' does not match pattern"],
    ['podLabels.tier=1', "at '/podLabels/tier': got number, want string"],
    ['podDisruptionBudget.maxUnavailable=half', "at '/podDisruptionBudget/maxUnavailable': 'half' does not match"],
  ])('rejects %s', async (value, complaint) => {
    await expect(render('--set', value)).rejects.toThrow(complaint);
  });
});

it('requires the name of an account that it does not create', async () => {
  const sentence = 'serviceAccount.name is required if serviceAccount.create is false';
  await expect(render('--set', 'serviceAccount.create=false')).rejects.toThrow(sentence);
});

it('rejects a cluster that is too old for the CRD', async () => {
  await expect(render('--kube-version', '1.30.9')).rejects.toThrow('chart requires kubeVersion: >=1.31.0-0');
  expect(await render('--kube-version', '1.31.0-eks.1')).not.toEqual([]);
});

it('has the version of the package, as its operator has', async () => {
  const [chart] = documents(await run('show', 'chart', CHART));
  expect(chart).toMatchObject({ name: 'konductor', version: VERSION, appVersion: VERSION });
});
