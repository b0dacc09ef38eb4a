// The shipped Helm chart, rendered by helm: what it makes is install.yaml, and its values are heeded.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VERSION } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Manifest, pick } from '../cdk8s/synth.ts';
import { helm } from '../support/helm.ts';

const CDK8S = join(import.meta.dirname, '../../cdk8s');
const CHART = join(CDK8S, 'charts/konductor');

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const run = (...args: string[]) => helm(args, { home });
const render = async (...flags: string[]): Promise<Manifest[]> =>
  documents(await run('template', 'konductor', CHART, '--namespace=konductor-system', ...flags));
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
    const said = await run('lint', '--strict', CHART);
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
    ['replica=2', /replica/],
    ['replicas=-1', /replicas/],
    ['image.pullPolicy=Sometimes', /pullPolicy/],
    ['resources.limit.cpu=1', /limit/],
    ['imagePullSecrets[0]=registry', /imagePullSecrets/],
  ])('refuses %s', async (value, complaint) => {
    await expect(render('--set', value)).rejects.toThrow(complaint);
  });

  it('has the version of the package, and its operator too', async () => {
    const [chart] = documents(await run('show', 'chart', CHART));
    expect(chart).toMatchObject({ name: 'konductor', version: VERSION, appVersion: VERSION });
    expect(containerOf(await render()).image).toBe(`konductor/operator:${VERSION}`);
  });
});
