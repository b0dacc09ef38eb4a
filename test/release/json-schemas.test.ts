// The JSON schemas of the kinds, as kubeconform applies them: what it says of an object compared with what the API server says.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../../scripts/root.ts';
import { openClient } from '../support/cluster/client-access.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { kubectl, kubectlJson } from '../support/processes/kubectl.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const access = inject('controlPlane');
const MODULE = join(import.meta.dirname, 'kubeconform');
const LOCATION = join(root, 'cdk8s/schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json');

interface Result {
  readonly kind: string;
  readonly status: string;
  readonly msg: string;
}

/** Kinds without a schema are not checked: those of Kubernetes are published elsewhere. */
function kubeconform(objects: readonly object[]): readonly Result[] {
  const options = [
    '-n=1',
    '-strict',
    '-verbose',
    '-output=json',
    '-ignore-missing-schemas',
    `-schema-location=${LOCATION}`,
  ];
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const { stdout, stderr } = spawnSync('go', ['tool', 'kubeconform', ...options], {
    ...{ cwd: MODULE, input, encoding: 'utf8' },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout).resources;
}

const group = (fields: object) => ({
  apiVersion: 'konductor.io/v1',
  kind: 'WaitGroup',
  metadata: { name: 'a' },
  ...fields,
});
const withSpec = (spec: object) => group({ spec });
const REFERENCE = { waitGroup: 'a', waitGroupUid: '12345678-0000-4000-8000-000000000000', worker: 'b' };
const worker = (spec: object) => ({
  ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker', metadata: { name: 'a.b.12345678' } },
  spec: { ...REFERENCE, added: 1, done: 0, borrowed: 0, round: 0, state: 'Active', ...spec },
});

/** Objects, and who accepts them. */
const cases: readonly [what: string, object: object, schema: boolean, server: boolean][] = [
  ['no spec', group({}), true, true],
  ['labels', group({ metadata: { name: 'a', labels: { app: 'b' } } }), true, true],
  ['every field', withSpec({ ttl: '1h30m', deadline: '500ms', initialCount: 3, workerPolicy: 'Fail' }), true, true],
  ['a field that is misspelt', withSpec({ tll: '1h' }), false, false],
  ['a field beside the spec', group({ ttl: '1h' }), false, false],
  ['a number as TTL', withSpec({ ttl: 3600 }), false, false],
  ['a TTL that is no duration', withSpec({ ttl: 'soon' }), false, false],
  ['no unit', withSpec({ deadline: '30' }), false, false],
  ['a text as count', withSpec({ initialCount: '3' }), false, false],
  ['a negative count', withSpec({ initialCount: -1 }), false, false],
  ['a count that is too large', withSpec({ initialCount: 2 ** 31 }), false, false],
  ['another policy', withSpec({ workerPolicy: 'keep' }), false, false],
  ['a negative TTL', withSpec({ ttl: '-1h' }), true, false],
  ['a deadline of zero', withSpec({ deadline: '0s' }), true, false],
  ['a name that is no DNS label', group({ metadata: { name: 'a.b' } }), true, false],
  ['a worker', worker({}), true, true],
  ['a worker without its state', worker({ state: undefined }), false, false],
  ['a worker with a field that is misspelt', worker({ jobs: {} }), false, false],
  ['a worker of another name', worker({ worker: 'c' }), true, false],
];

describe.skipIf(!hasGo)('the JSON schemas', { timeout: 300_000 }, () => {
  let namespace: string;

  beforeAll(async () => {
    namespace = await createNamespace(access, 'schemas');
  });

  it('accept what the API server accepts, and reject what can be told without it', async () => {
    const schema = kubeconform(cases.map(([, object]) => object)).map(({ status }) => status === 'statusValid');
    const server = await Promise.all(cases.map(([, object]) => isAccepted(object)));
    expect(cases.map(([what], index) => [what, schema[index], server[index]])).toEqual(
      cases.map(([what, , bySchema, byServer]) => [what, bySchema, byServer]),
    );
  });

  async function isAccepted(object: object): Promise<boolean> {
    const create = ['create', '--dry-run=server', '--validate=strict', '-n', namespace, '-f', '-'];
    return (await kubectl(access, create, { input: JSON.stringify(object) })).code === 0;
  }

  it('name the field that is wrong', () => {
    const [typo, type] = kubeconform([withSpec({ tll: '1h' }), withSpec({ ttl: 3600 })]);
    expect(typo?.msg).toContain("additional properties 'tll' not allowed");
    expect(type?.msg).toMatch(/'?\/spec\/ttl'?: got number, want string/);
  });

  it('accept every WaitGroup that is shipped', () => {
    const files = globSync('cdk8s/manifests/**/*.yaml', { cwd: root }).map((path) =>
      readFileSync(join(root, path), 'utf8'),
    );
    const objects = files.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS()));
    const shipped = objects.filter(({ kind }) => kind === 'WaitGroup');
    expect(shipped.length).toBeGreaterThanOrEqual(5);
    const results = kubeconform(objects.filter(({ apiVersion, kind }) => apiVersion && kind));
    expect(results.filter(({ status }) => !['statusValid', 'statusSkipped'].includes(status))).toEqual([]);
    expect(results.filter(({ status }) => status === 'statusValid')).toHaveLength(shipped.length);
  });

  it('accept a WaitGroup with its status, as kubectl get prints it', async () => {
    const client = await openClient({ kubeconfig: access.kubeconfig, namespace });
    await client.create({ name: 'nightly', spec: { ttl: '1h' } });
    await client.add('nightly', 2);
    await client.fail('nightly', { message: 'no space left' });
    const stored = await kubectlJson<object>(access, ['get', 'waitgroup', 'nightly', '-n', namespace]);
    expect(kubeconform([stored])).toMatchObject([{ status: 'statusValid' }]);
  });
});
