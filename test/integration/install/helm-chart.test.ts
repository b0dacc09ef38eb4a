// The shipped Helm chart, rendered by helm: what it makes is install.yaml, and its values are heeded.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, pick } from '../../cdk8s/synth.ts';
import { helm } from '../../support/processes/helm.ts';

const CDK8S = join(import.meta.dirname, '../../../cdk8s');
const CHART = join(CDK8S, 'charts/konductor');

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const run = (...args: string[]) => helm(args, { home });
/** Built from its module, helm takes the cluster that it does not ask for one of Kubernetes 1.20. */
const KUBERNETES = '--kube-version=1.36.3';
const render = async (...flags: string[]): Promise<Manifest[]> =>
  documents(await run('template', 'konductor', CHART, '--namespace=konductor-system', KUBERNETES, ...flags));
const containerOf = (manifests: Manifest[]) => pick(manifests, 'Deployment').spec.template.spec.containers[0];

function documents(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}

/** In an order that says nothing. */
function byName(manifests: Manifest[]): Manifest[] {
  const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
  return manifests.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

describe('the Helm chart', () => {
  it('is taken by helm lint, which has nothing to say but that it has no icon', async () => {
    const said = await run('lint', '--strict', KUBERNETES, CHART);
    expect(said.match(/\[\w+\].*/g)).toEqual(['[INFO] Chart.yaml: icon is recommended']);
  });

  it('renders what install.yaml has, but for the namespace, which is the release’s, and the marks of Helm', async () => {
    const installed = documents(readFileSync(join(CDK8S, 'manifests/install.yaml'), 'utf8'));
    const expected = installed.filter(({ kind }) => kind !== 'Namespace');
    const unmarked = JSON.stringify(await render())
      .replaceAll('"app.kubernetes.io/managed-by":"Helm"', '"app.kubernetes.io/managed-by":"cdk8s"')
      .replace(/,?"annotations":{"helm.sh\/resource-policy":"keep"}/, '');
    expect(byName(JSON.parse(unmarked))).toEqual(byName(expected));
  });

  it('keeps the CRD, and nothing else, when it is uninstalled', async () => {
    const kept = (await render()).filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep',
    );
    expect(kept.map(({ kind }) => kind)).toEqual(['CustomResourceDefinition']);
  });

  it('heeds its values', async () => {
    const resources = '{"requests":{"cpu":"10m"},"limits":null}';
    const image = 'image.repository=example.com/operator,image.tag=1.0.1,image.pullPolicy=Always';
    const manifests = await render(
      ...[
        '--set',
        'replicas=3',
        '--set',
        image,
        '--set-string',
        'namespace=123',
        '--set-json',
        `resources=${resources}`,
      ],
    );
    expect(pick(manifests, 'Deployment').spec.replicas).toBe(3);
    expect(containerOf(manifests)).toMatchObject({ image: 'example.com/operator:1.0.1', imagePullPolicy: 'Always' });
    expect(containerOf(manifests).resources).toEqual({ requests: { cpu: '10m', memory: '96Mi' } });
    const places = manifests.flatMap(({ metadata, subjects = [] }) =>
      [metadata, ...subjects].flatMap(({ namespace }) => namespace ?? []),
    );
    expect(new Set(places)).toEqual(new Set(['123']));
    expect(places).toHaveLength(8);
  });

  it('pulls with the Secrets that it is given, and names none unless told to', async () => {
    const podOf = (manifests: Manifest[]) => pick(manifests, 'Deployment').spec.template.spec;
    expect(podOf(await render())).not.toHaveProperty('imagePullSecrets');
    const manifests = await render('--set', 'imagePullSecrets[0].name=registry,imagePullSecrets[1].name=mirror');
    expect(podOf(manifests).imagePullSecrets).toEqual([{ name: 'registry' }, { name: 'mirror' }]);
  });

  it('takes an operator that asks for nothing', async () => {
    const manifests = await render('--set', 'resources.requests=null,resources.limits=null');
    expect(containerOf(manifests).resources).toEqual({});
  });

  it.each([
    ['replica=2', "additional properties 'replica' not allowed"],
    ['replicas=-1', "at '/replicas': minimum: got -1, want 0"],
    ['replicas=99999999999', "at '/replicas': maximum: "],
    ['replicas=two', "at '/replicas': got string, want integer"],
    ['replicas=null', "missing property 'replicas'"],
    ['image=null', "missing property 'image'"],
    ['image=konductor/operator', "at '/image': got string, want object"],
    ['image.repository=my operator', "at '/image/repository': 'my operator' does not match pattern"],
    ['image.tag=1 0', "at '/image/tag': '1 0' does not match pattern"],
    ['image.digest=latest', "at '/image/digest': 'latest' does not match pattern"],
    ['image.pullPolicy=Sometimes', "at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'"],
    ['namespace=My_Team', "at '/namespace': 'My_Team' does not match pattern"],
    ['resources.limit.cpu=1', "at '/resources': additional properties 'limit' not allowed"],
    ['resources.limits.memory=96MB', "at '/resources/limits/memory': '96MB' does not match pattern"],
    ['imagePullSecrets[0]=registry', "at '/imagePullSecrets/0': got string, want object"],
    ['imagePullSecrets[0].name=My_Secret', "at '/imagePullSecrets/0/name': 'My_Secret' does not match pattern"],
  ])('refuses %s', async (value, complaint) => {
    await expect(render('--set', value)).rejects.toThrow(complaint);
  });

  it('renders what the objects have without a value that is null', async () => {
    const manifests = await render('--set', 'resources=null,imagePullSecrets=null,namespace=null,image.tag=null');
    expect(containerOf(manifests)).toMatchObject({ image: `konductor/operator:${VERSION}`, resources: null });
    expect(await render('--set', 'replicas=0').then((all) => pick(all, 'Deployment').spec.replicas)).toBe(0);
  });

  it('pins the image by its digest, whatever the tag', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const manifests = await render('--set', `image.digest=${digest},image.tag=1.0.1`);
    expect(containerOf(manifests).image).toBe(`konductor/operator@${digest}`);
  });

  it('is refused by a cluster that is too old for the CRD', async () => {
    await expect(render('--kube-version', '1.28.9')).rejects.toThrow('chart requires kubeVersion: >=1.29.0-0');
    expect(await render('--kube-version', '1.29.0-eks.1')).not.toEqual([]);
  });

  it('has the version of the package, and its operator too', async () => {
    const [chart] = documents(await run('show', 'chart', CHART));
    expect(chart).toMatchObject({ name: 'konductor', version: VERSION, appVersion: VERSION });
    expect(containerOf(await render()).image).toBe(`konductor/operator:${VERSION}`);
  });
});
