// The shipped Helm chart, rendered by helm: it contains the objects of install.yaml, configured by its values.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KonductorOperator, type KonductorOperatorProps, OPERATOR_IMAGE, VERSION } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { helm } from '../../support/processes/helm.ts';

const CDK8S = join(import.meta.dirname, '../../../cdk8s');
const CHART = join(CDK8S, 'charts/konductor');

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const run = (...args: string[]) => helm(args, { home });
/** Without it, a helm that is built from its module assumes Kubernetes 1.20. */
const KUBERNETES = '--kube-version=1.36.3';
const render = async (...flags: string[]): Promise<Manifest[]> =>
  documents(await run('template', 'konductor', CHART, '--namespace=konductor-system', KUBERNETES, ...flags));
const podOf = (manifests: Manifest[]) => pick(manifests, 'Deployment').spec.template.spec;
const containerOf = (manifests: Manifest[]) => podOf(manifests).containers[0];

function documents(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** helm sorts the objects. */
function byName(manifests: Manifest[]): Manifest[] {
  const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
  return manifests.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

describe('the Helm chart', () => {
  it('passes helm lint, which misses only an icon', async () => {
    const output = await run('lint', '--strict', KUBERNETES, CHART);
    expect(output.match(/\[\w+\].*/g)).toEqual(['[INFO] Chart.yaml: icon is recommended']);
  });

  /** The same objects, in a release. */
  const released = (installed: Manifest[]): Manifest[] => {
    const expected = installed.filter(({ kind }) => kind !== 'Namespace');
    for (const { kind, metadata } of expected)
      if (kind === 'CustomResourceDefinition') metadata.annotations = { 'helm.sh/resource-policy': 'keep' };
    const labelled = JSON.stringify(expected).replaceAll('managed-by":"cdk8s"', 'managed-by":"Helm"');
    return byName(JSON.parse(labelled));
  };

  it('renders install.yaml without the namespace, with the labels of Helm, and keeps only the CRDs', async () => {
    const installed = documents(readFileSync(join(CDK8S, 'manifests/install.yaml'), 'utf8'));
    expect(byName(await render())).toEqual(released(installed));
  });

  it.each<[string, KonductorOperatorProps]>([
    ['secureMetrics.certificateSecret=metrics-tls', { secureMetrics: { certificateSecret: 'metrics-tls' } }],
    ['networkPolicy.enabled=false', { networkPolicy: false }],
    ['secureMetrics=null,networkPolicy=null,hold=null', {}],
    ['hold.enabled=true', { hold: {} }],
    ['hold.enabled=true,hold.mutate=false', { hold: { mutate: false } }],
  ])('with %s renders what KonductorOperator does with %j', async (values, props) => {
    const installed = synth((scope) => {
      new KonductorOperator(scope, 'Operator', props);
    });
    expect(byName(await render('--set', values))).toEqual(released(installed));
  });

  it('applies its values', async () => {
    const image = 'image.repository=example.com/operator,image.tag=1.0.1,image.pullPolicy=Always';
    const manifests = await render(
      ...['--set', 'replicas=3', '--set', image, '--set-string', 'namespace=123'],
      ...['--set', 'imagePullSecrets[0].name=registry,imagePullSecrets[1].name=mirror'],
      ...['--set-json', 'resources={"requests":{"cpu":"10m"},"limits":null}'],
    );
    expect(pick(manifests, 'Deployment').spec.replicas).toBe(3);
    expect(podOf(manifests).imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
    expect(containerOf(manifests)).toMatchObject({ image: 'example.com/operator:1.0.1', imagePullPolicy: 'Always' });
    expect(containerOf(manifests).resources).toEqual({ requests: { cpu: '10m', memory: '96Mi' } });
    const namespaces = manifests.flatMap(({ metadata, subjects = [] }) =>
      [metadata, ...subjects].flatMap(({ namespace }) => namespace ?? []),
    );
    expect(namespaces).toEqual(Array(9).fill('123'));
  });

  it('bounds the account of the operator in any namespace', async () => {
    const account = "request.userInfo.username == 'system:serviceaccount:team:konductor-operator'";
    const manifests = await render('--set', 'hold.enabled=true,namespace=team');
    const { matchConditions } = pick(manifests, 'ValidatingAdmissionPolicy', 'hold.konductor.io').spec;
    expect(matchConditions).toEqual([{ name: 'is-operator', expression: account }]);
    const { subjects } = pick(manifests, 'ClusterRoleBinding', 'konductor-operator-hold');
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'konductor-operator', namespace: 'team' }]);
  });

  it.each([
    ['resources.requests=null,resources.limits=null', { resources: {} }],
    ['resources=null,imagePullSecrets=null,namespace=null', { resources: null }],
    ['image.tag=null', { image: OPERATOR_IMAGE }],
    [
      `image.digest=sha256:${'a'.repeat(64)},image.tag=v1`,
      { image: `localhost/konductor/operator@sha256:${'a'.repeat(64)}` },
    ],
  ])('with %s renders a container with %j', async (values, container) => {
    const manifests = await render('--set', values);
    expect(containerOf(manifests)).toMatchObject(container);
    expect(podOf(manifests)).not.toHaveProperty('imagePullSecrets');
  });

  it('can have no replicas', async () => {
    expect(pick(await render('--set', 'replicas=0'), 'Deployment').spec.replicas).toBe(0);
  });

  it.each([
    ['replica=2', "additional properties 'replica' not allowed"],
    ['replicas=-1', "at '/replicas': minimum: got -1, want 0"],
    ['replicas=99999999999', "at '/replicas': maximum: "],
    ['replicas=two', "at '/replicas': got string, want integer"],
    ['replicas=null', "missing property 'replicas'"],
    ['image=null', "missing property 'image'"],
    ['image=operator', "at '/image': got string, want object"],
    ['image.repository=my operator', "at '/image/repository': 'my operator' does not match pattern"],
    ['image.tag=1 0', "at '/image/tag': '1 0' does not match pattern"],
    ['image.digest=latest', "at '/image/digest': 'latest' does not match pattern"],
    ['image.pullPolicy=Sometimes', "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'"],
    ['namespace=My_Team', "at '/namespace': 'My_Team' does not match pattern"],
    ['resources.limit.cpu=1', "at '/resources': additional properties 'limit' not allowed"],
    ['resources.limits.memory=96MB', "at '/resources/limits/memory': '96MB' does not match pattern"],
    ['secureMetrics.certificateSecret=My_Secret', "at '/secureMetrics/certificateSecret': 'My_Secret' does not match"],
    ['networkPolicy=false', "at '/networkPolicy': got boolean, want object"],
    ['hold=true', "at '/hold': got boolean, want object"],
    ['hold.mutates=true', "at '/hold': additional properties 'mutates' not allowed"],
    ['networkPolicy.enabled=no', "at '/networkPolicy/enabled': got string, want boolean"],
    ['imagePullSecrets[0]=registry', "at '/imagePullSecrets/0': got string, want object"],
    ['imagePullSecrets[0].name=My_Secret', "at '/imagePullSecrets/0/name': 'My_Secret' does not match pattern"],
  ])('rejects %s', async (value, complaint) => {
    await expect(render('--set', value)).rejects.toThrow(complaint);
  });

  it('rejects a cluster that is too old for the CRD', async () => {
    await expect(render('--kube-version', '1.30.9')).rejects.toThrow('chart requires kubeVersion: >=1.31.0-0');
    expect(await render('--kube-version', '1.31.0-eks.1')).not.toEqual([]);
  });

  it('has the version of the package, as its operator has', async () => {
    const [chart] = documents(await run('show', 'chart', CHART));
    expect(chart).toMatchObject({ name: 'konductor', version: VERSION, appVersion: VERSION });
  });
});
