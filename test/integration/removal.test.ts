// What is shipped, from its installation over an upgrade to its end, in a cluster that really deletes: nothing may be left.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { VERSION } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { listClusterObjects } from '../support/cluster-objects.ts';
import { areServed } from '../support/crd.ts';
import { eventually } from '../support/eventually.ts';
import { helm } from '../support/helm.ts';
import { koncli } from '../support/koncli-process.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../support/kubectl.ts';
import { createNamespace } from '../support/namespaces.ts';
import { startOperator } from '../support/operator.ts';
import { installPrometheusCrds, prometheusCrds } from '../support/prometheus-crds.ts';
import { serviceAccountKubeconfig } from '../support/tokens.ts';

const CDK8S = join(import.meta.dirname, '../../cdk8s');
const CHART = join(CDK8S, 'charts/konductor');
const SYSTEM = 'konductor-system';
const manifest = (name: string) => join(CDK8S, 'manifests', `${name}.yaml`);

let controlPlane: ControlPlane;
let folder: string;
let before: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-removal-'));
  controlPlane = await startControlPlane({ controllerManager: true });
  // What the cluster makes by itself is there when no list differs from the one before.
  before = await eventually(
    async () => {
      const [previous, now] = [before, await objects()];
      before = now;
      return now.some((line) => line.includes('kube-public/kube-root-ca.crt')) && `${previous}` === `${now}` && now;
    },
    { what: 'a cluster at rest', intervalMs: 500 },
  );
});
afterAll(async () => {
  await controlPlane.stop();
  rmSync(folder, { recursive: true });
});

const objects = () => listClusterObjects(controlPlane);
const run = (...args: string[]) => kubectlOutput(controlPlane, args);
const apply = (...args: string[]) => run('apply', '--server-side', ...args);
const left = async () => (await objects()).filter((line) => !before.includes(line));

interface Stored {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation?: number; readonly resourceVersion: string };
}

/** What changes when somebody changes one of the objects that kubectl is asked for, and not with their status. */
async function versionsOf(flags: readonly string[], input?: string): Promise<unknown[]> {
  const { items } = await kubectlJson<{ items: Stored[] }>(controlPlane, ['get', ...flags], { input });
  return items.map(({ kind, metadata: { name, generation, resourceVersion } }) => [
    ...[kind, name, generation ?? resourceVersion],
  ]);
}

/**
 * The same thing, as an older version had it: other labels and another image everywhere, and a CRD that lacks a column.
 * There is no release yet; when there is one, its own files belong here.
 */
function olderCopy(path: string): string {
  const copy = join(folder, 'older', path);
  mkdirSync(dirname(copy), { recursive: true });
  const text = readFileSync(join(CDK8S, path), 'utf8').replaceAll(VERSION, '0.0.9');
  writeFileSync(
    copy,
    text.replace(/ +- description: [^\n]*\n +jsonPath: .spec.ttl\n +name: TTL\n +type: string\n/, ''),
  );
  return copy;
}

/** As its container would, with the account's own rights. */
async function runOperator(namespace: string) {
  const account = { namespace, serviceAccount: 'konductor-operator' };
  const deployment = ['get', 'deployment', 'konductor-operator', '-n', namespace];
  const path = '{.spec.template.spec.containers[0].args}';
  const given: string[] = JSON.parse(await run(...deployment, '-o', `jsonpath=${path}`));
  const args = given
    .filter((flag) => !flag.includes('bind-address'))
    .map((flag) => flag.replace('$(POD_NAMESPACE)', namespace));
  return startOperator({ kubeconfig: await serviceAccountKubeconfig(controlPlane, account), args });
}

/** A group whose one worker is not done yet. */
async function startGroup(namespace: string): Promise<void> {
  await areServed(controlPlane, 'waitgroups');
  await koncliOn(namespace, 'create', 'batch', '--ttl', '1h');
  await koncliOn(namespace, 'add', 'batch');
}

/** Counts on in that group, and sees the operator complete it. */
async function finishGroup(namespace: string, operatorNamespace: string): Promise<void> {
  const operator = await runOperator(operatorNamespace);
  await koncliOn(namespace, 'done', 'batch');
  const completedAt = () => run('get', 'wg', 'batch', '-n', namespace, '-o', 'jsonpath={.status.completedAt}');
  await eventually(completedAt, { what: 'the completion' });
  await operator.stop();
}

async function koncliOn(namespace: string, ...args: string[]): Promise<void> {
  expect(await koncli(['wg', ...args, '-n', namespace], controlPlane)).toMatchObject({ code: 0 });
}

const rolledOut = (namespace: string) =>
  run(
    'get',
    'deployment',
    'konductor-operator',
    '-n',
    namespace,
    '-o',
    'jsonpath={.metadata.generation} {.spec.template.spec.containers[0].image}',
  );
const hasColumn = async () => (await run('get', 'crd', 'waitgroups.konductor.io', '-o', 'yaml')).includes('name: TTL');

async function nothingIsLeft(): Promise<void> {
  const check = async () => {
    expect(await left()).toEqual([]);
    return true;
  };
  expect(await eventually(check, { what: 'the end of everything', timeoutMs: 60_000, intervalMs: 500 })).toBe(true);
}

const SHIPPED = ['install', 'monitoring', 'injection'];
const OLDER = '1 konductor/operator:0.0.9';
const NEWER = `2 konductor/operator:${VERSION}`;
const patience = { timeout: 400_000 };

it(
  'install.yaml, monitoring.yaml, injection.yaml and the examples are installed, upgraded and removed',
  patience,
  async () => {
    const crds = (await prometheusCrds()).flatMap((file) => ['-f', file]);
    await installPrometheusCrds(controlPlane);
    for (const name of SHIPPED) await apply('-f', olderCopy(`manifests/${name}.yaml`));
    const namespace = await createNamespace(controlPlane, 'work');
    await startGroup(namespace);
    expect([await rolledOut(SYSTEM), await hasColumn()]).toEqual([OLDER, false]);

    for (const name of SHIPPED) await apply('-f', manifest(name));
    expect([await rolledOut(SYSTEM), await hasColumn()]).toEqual([NEWER, true]);
    const files = SHIPPED.flatMap((name) => ['-f', manifest(name)]);
    const versions = await versionsOf(files);
    await apply(...files);
    expect(await versionsOf(files)).toEqual(versions);
    await finishGroup(namespace, SYSTEM);

    // Of the Jobs among them, nothing can be upgraded.
    const examples = globSync('manifests/examples/*.yaml', { cwd: CDK8S }).flatMap((path) => ['-f', join(CDK8S, path)]);
    await apply(...examples);
    await run('delete', ...examples);
    for (const name of SHIPPED.toReversed()) await run('delete', '-f', manifest(name));
    await run('delete', ...crds);
    await run('delete', 'namespace', namespace);
    await nothingIsLeft();
  },
);

it(
  'install-namespace.yaml is installed, upgraded and removed by who administers that namespace',
  patience,
  async () => {
    for (const name of ['crd', 'user-roles']) await apply('-f', manifest(name));
    const namespace = await createNamespace(controlPlane, 'team');
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'admin' });
    const asAdministrator = (...args: string[]) => kubectlOutput(controlPlane, args, { kubeconfig });
    const grant = [
      'rolebinding',
      'admin',
      '--clusterrole=admin',
      `--serviceaccount=${namespace}:admin`,
      '-n',
      namespace,
    ];
    await run('create', ...grant);
    const file = manifest('install-namespace');
    const install = () =>
      asAdministrator('apply', '--server-side', '-f', olderCopy('manifests/install-namespace.yaml'));
    // Kubernetes takes a moment to add up its roles.
    await eventually(install, { what: 'the rights of the administrator' });
    await startGroup(namespace);
    expect(await rolledOut(namespace)).toBe(OLDER);

    await asAdministrator('apply', '--server-side', '-f', file);
    expect(await rolledOut(namespace)).toBe(NEWER);
    const objectsOfFile = ['-f', file, '-n', namespace];
    const versions = await versionsOf(objectsOfFile);
    await asAdministrator('apply', '--server-side', '-f', file);
    expect(await versionsOf(objectsOfFile)).toEqual(versions);
    await finishGroup(namespace, namespace);

    await asAdministrator('delete', '-f', file);
    const own = async () => (await left()).filter((line) => / \S+\/konductor-operator/.test(line));
    await eventually(async () => (await own()).length === 0, { what: 'the end of the operator' });
    await run('delete', '-f', manifest('user-roles'), '-f', manifest('crd'));
    await run('delete', 'namespace', namespace);
    await nothingIsLeft();
  },
);

describe('the Helm chart', () => {
  const inSystem = (...args: string[]) =>
    helm([...args, '--namespace', SYSTEM], { home: folder, kubeconfig: controlPlane.kubeconfig });
  const releaseVersions = async () => versionsOf(['-f', '-'], await inSystem('get', 'manifest', 'konductor'));

  it('is installed, upgraded and uninstalled, which keeps the CRD and the groups and says so', patience, async () => {
    for (const path of globSync('**/*.*', { cwd: CHART })) olderCopy(join('charts/konductor', path));
    await inSystem('install', 'konductor', join(folder, 'older/charts/konductor'), '--create-namespace');
    const namespace = await createNamespace(controlPlane, 'work');
    await startGroup(namespace);
    expect([await rolledOut(SYSTEM), await hasColumn()]).toEqual([OLDER, false]);

    await inSystem('upgrade', 'konductor', CHART);
    expect([await rolledOut(SYSTEM), await hasColumn()]).toEqual([NEWER, true]);
    const versions = await releaseVersions();
    await inSystem('upgrade', 'konductor', CHART);
    expect(await releaseVersions()).toEqual(versions);
    await finishGroup(namespace, SYSTEM);

    const said = await inSystem('uninstall', 'konductor', '--wait');
    expect(said).toContain('kept due to the resource policy:\n[CustomResourceDefinition] waitgroups.konductor.io');
    const group = await kubectlJson(controlPlane, ['get', 'wg', 'batch', '-n', namespace]);
    expect(group).toMatchObject({ status: { counter: 0, added: 1 } });

    // As somebody does who changed their mind.
    await inSystem('install', 'konductor', CHART);
    await inSystem('uninstall', 'konductor', '--wait');
    await run('delete', 'crd', 'waitgroups.konductor.io');
    await run('delete', 'namespace', SYSTEM, namespace);
    await nothingIsLeft();
  });

  it('takes over what install.yaml installed, where it is told to', patience, async () => {
    await apply('-f', manifest('install'));
    const install = ['install', 'konductor', CHART];
    await expect(inSystem(...install)).rejects.toThrow('cannot be imported into the current release');
    await inSystem(...install, '--take-ownership');
    await inSystem('uninstall', 'konductor', '--wait');
    await run('delete', 'crd', 'waitgroups.konductor.io');
    await run('delete', 'namespace', SYSTEM);
    await nothingIsLeft();
  });
});

it('a list of everything tells when something is left', async () => {
  await run('create', 'configmap', 'forgotten');
  expect(await left()).toEqual(['v1 ConfigMap default/forgotten']);
  await kubectl(controlPlane, ['delete', 'configmap', 'forgotten']);
});
