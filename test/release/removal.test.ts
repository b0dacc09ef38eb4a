// What the project ships, from its installation over an upgrade to its removal, in a cluster with garbage collection: nothing
// is left behind.
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { OPERATOR_IMAGE } from '@konductor/cdk8s';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { listClusterObjects } from '../support/cluster/cluster-objects.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { installPrometheusCrds, prometheusCrds } from '../support/cluster/prometheus-crds.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { helm } from '../support/processes/helm.ts';
import { kubectlJson, kubectlOutput } from '../support/processes/kubectl.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { finishGroup, operatorDeployment, startGroup } from './upgraded-operator.ts';

const CDK8S = join(import.meta.dirname, '../../cdk8s');
const CHART = join(CDK8S, 'charts/konductor');
const SYSTEM = 'konductor-system';
const CRDS = ['waitgroups.konductor.io', 'waitgroupworkers.konductor.io'];
const manifest = (name: string) => join(CDK8S, 'manifests', `${name}.yaml`);

let controlPlane: ControlPlane;
let folder: string;
/** A copy of what was shipped before. */
let previous: string;
let before: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-removal-'));
  previous = join(folder, 'previous');
  copyPrevious();
  controlPlane = await startControlPlane({ controllerManager: true });
  // A new cluster creates its own objects until no list differs from the one before.
  before = await eventually(
    'a cluster at rest',
    async () => {
      const [previous, now] = [before, await objects()];
      before = now;
      return now.some((line) => line.includes('kube-public/kube-root-ca.crt')) && `${previous}` === `${now}` && now;
    },
    { intervalMs: 500 },
  );
});
afterAll(async () => {
  await controlPlane.stop();
  rmSync(folder, { recursive: true });
});

/**
 * With the images' present names, and without a column of the CRD, so that its upgrade is visible: otherwise, the CRD has not
 * changed since.
 */
function copyPrevious(): void {
  cpSync(join(import.meta.dirname, '../fixtures/previous'), previous, { recursive: true });
  for (const path of globSync('**/*.yaml', { cwd: previous })) {
    const text = readFileSync(join(previous, path), 'utf8');
    const column = / +- description: [^\n]*\n +jsonPath: .spec.ttl\n +name: TTL\n +type: string\n/;
    const images = /(?<=[ "])konductor\/(?=operator|koncli)/g;
    writeFileSync(join(previous, path), text.replace(column, '').replaceAll(images, `${dirname(OPERATOR_IMAGE)}/`));
  }
}

const objects = () => listClusterObjects(controlPlane);
const run = (...args: string[]) => kubectlOutput(controlPlane, args);
const apply = (...args: string[]) => run('apply', '--server-side', ...args);
const left = async () => (await objects()).filter((line) => !before.includes(line));
const startWork = async () => startGroup(controlPlane, await createNamespace(controlPlane, 'work'));

interface Stored {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation?: number; readonly resourceVersion: string };
}

/** The versions of the objects that kubectl is asked for; they do not change with the status. */
async function versionsOf(flags: readonly string[], input?: string): Promise<unknown[]> {
  const { items } = await kubectlJson<{ items: Stored[] }>(controlPlane, ['get', ...flags], { input });
  return items.map(({ kind, metadata: { name, generation, resourceVersion } }) => [
    ...[kind, name, generation ?? resourceVersion],
  ]);
}

/** Expects that a step changes no version. */
async function changesNothing(versions: () => Promise<unknown[]>, step: () => Promise<unknown>): Promise<void> {
  const before = await versions();
  await step();
  expect(await versions()).toEqual(before);
}

/** Whether the Role has a rule, and the CRD a column, that the previous release did not have. */
async function isUpgraded(namespace: string) {
  const role = ['role', 'konductor-operator-leader-election', '-n', namespace, '--ignore-not-found'];
  const mayEmitEvents = (await run('get', ...role, '-o', 'yaml')).includes('- events');
  const hasColumn = (await run('get', 'crd', 'waitgroups.konductor.io', '-o', 'yaml')).includes('name: TTL');
  return { mayEmitEvents, hasColumn };
}

async function removeNamespaces(...namespaces: string[]): Promise<void> {
  await run('delete', 'namespace', ...namespaces);
  const check = async () => {
    expect(await left()).toEqual([]);
    return true;
  };
  await eventually('the end of everything', check, { timeoutMs: 60_000, intervalMs: 500 });
}

const patience = { timeout: 400_000 };

it('all manifests are installed, upgraded with server-side apply, and removed', patience, async () => {
  const shipped = ['install', 'monitoring', 'injection', 'hold'];
  const crds = (await prometheusCrds()).flatMap((file) => ['-f', file]);
  await installPrometheusCrds(controlPlane);
  for (const name of ['install', 'injection']) await apply('-f', join(previous, `${name}.yaml`));
  const group = await startWork();
  const before = await operatorDeployment(controlPlane, SYSTEM);
  expect([before.generation, before.args.includes('--leader-elect')]).toEqual([1, false]);
  expect(await isUpgraded(SYSTEM)).toEqual({ mayEmitEvents: false, hasColumn: false });

  for (const name of shipped) await apply('-f', manifest(name));
  const after = await operatorDeployment(controlPlane, SYSTEM);
  expect([after.generation, after.args.includes('--leader-elect')]).toEqual([2, true]);
  expect(after.kept).toEqual(before.kept);
  expect(await isUpgraded(SYSTEM)).toEqual({ mayEmitEvents: true, hasColumn: true });
  const files = shipped.flatMap((name) => ['-f', manifest(name)]);
  await changesNothing(
    () => versionsOf(files),
    () => apply(...files),
  );
  await finishGroup(controlPlane, group, SYSTEM);

  // The examples contain Jobs, which cannot be upgraded.
  const examples = globSync('manifests/examples/*.yaml', { cwd: CDK8S }).flatMap((path) => ['-f', join(CDK8S, path)]);
  await apply(...examples);
  await run('delete', ...examples);
  for (const name of shipped.toReversed()) await run('delete', '-f', manifest(name));
  await run('delete', ...crds);
  await removeNamespaces(group.namespace);
});

it('install.yaml is upgraded with client-side apply, then with server-side apply, and removed', patience, async () => {
  await run('apply', '-f', join(previous, 'install.yaml'));
  const before = await operatorDeployment(controlPlane, SYSTEM);
  const group = await startWork();
  await run('apply', '-f', manifest('install'));
  const { kept, args } = await operatorDeployment(controlPlane, SYSTEM);
  expect(kept).toEqual(before.kept);
  await apply('-f', manifest('install'));
  expect(await operatorDeployment(controlPlane, SYSTEM)).toMatchObject({ kept, args });
  await finishGroup(controlPlane, group, SYSTEM);
  await run('delete', '-f', manifest('install'));
  await removeNamespaces(group.namespace);
});

it('install-namespace.yaml is installed, upgraded and removed by a namespace administrator', patience, async () => {
  for (const name of ['crd', 'user-roles']) await apply('-f', manifest(name));
  const namespace = await createNamespace(controlPlane, 'team');
  const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'admin' });
  const asAdministrator = (...args: string[]) => kubectlOutput(controlPlane, args, { kubeconfig });
  const account = `--serviceaccount=${namespace}:admin`;
  await run('create', 'rolebinding', 'admin', '--clusterrole=admin', account, '-n', namespace);
  const file = manifest('install-namespace');
  const install = () => asAdministrator('apply', '--server-side', '-f', join(previous, 'install-namespace.yaml'));
  // Kubernetes takes a moment to aggregate its ClusterRoles.
  await eventually('the permissions of the administrator', install);
  const group = await startGroup(controlPlane, namespace);
  const before = await operatorDeployment(controlPlane, namespace);
  expect(await isUpgraded(namespace)).toMatchObject({ mayEmitEvents: false });

  const upgrade = () => asAdministrator('apply', '--server-side', '-f', file);
  await upgrade();
  expect(await isUpgraded(namespace)).toMatchObject({ mayEmitEvents: true });
  const { kept, args } = before;
  expect(await operatorDeployment(controlPlane, namespace)).toMatchObject({ kept, args });
  await changesNothing(() => versionsOf(['-f', file, '-n', namespace]), upgrade);
  await finishGroup(controlPlane, group, namespace);

  await asAdministrator('delete', '-f', file);
  const own = async () => (await left()).filter((line) => / \S+\/konductor-operator/.test(line));
  await eventually('the end of the operator', async () => (await own()).length === 0);
  await run('delete', '-f', manifest('user-roles'), '-f', manifest('crd'));
  await removeNamespaces(namespace);
});

describe('the Helm chart', () => {
  const inSystem = (...args: string[]) =>
    helm([...args, '--namespace', SYSTEM], { home: folder, kubeconfig: controlPlane.kubeconfig });
  const uninstall = () => inSystem('uninstall', 'konductor', '--wait');
  const NOT_ADOPTED = 'cannot be imported into the current release';

  it('is installed, upgraded and uninstalled, which keeps the CRD and the WaitGroups', patience, async () => {
    await inSystem('install', 'konductor', join(previous, 'chart'), '--create-namespace', '--set=replicas=2');
    const group = await startWork();
    const before = await operatorDeployment(controlPlane, SYSTEM);
    expect(await isUpgraded(SYSTEM)).toEqual({ mayEmitEvents: false, hasColumn: false });

    // The reused values lack those that were added later.
    await inSystem('upgrade', 'konductor', CHART, '--reuse-values');
    expect(await isUpgraded(SYSTEM)).toEqual({ mayEmitEvents: true, hasColumn: true });
    const { kept, args } = before;
    expect(await operatorDeployment(controlPlane, SYSTEM)).toMatchObject({ kept, args });
    await inSystem('upgrade', 'konductor', CHART, '--reset-values');
    expect((await operatorDeployment(controlPlane, SYSTEM)).kept).toEqual(kept);
    await expect(inSystem('install', 'second', CHART)).rejects.toThrow(NOT_ADOPTED);
    await changesNothing(
      async () => versionsOf(['-f', '-'], await inSystem('get', 'manifest', 'konductor')),
      () => inSystem('upgrade', 'konductor', CHART),
    );
    await finishGroup(controlPlane, group, SYSTEM);

    const uninstalled = await uninstall();
    for (const name of CRDS) expect(uninstalled).toContain(`[CustomResourceDefinition] ${name}`);
    const status = { counter: 0, added: 3 };
    expect(await kubectlJson(controlPlane, ['get', 'wg', 'batch', '-n', group.namespace])).toMatchObject({ status });

    await inSystem('install', 'konductor', CHART);
    await uninstall();
    await run('delete', 'crd', ...CRDS);
    await removeNamespaces(SYSTEM, group.namespace);
  });

  it('adopts the objects of install.yaml with --take-ownership', patience, async () => {
    await apply('-f', manifest('install'));
    const install = ['install', 'konductor', CHART];
    await expect(inSystem(...install)).rejects.toThrow(NOT_ADOPTED);
    await inSystem(...install, '--take-ownership');
    await uninstall();
    await run('delete', 'crd', ...CRDS);
    await removeNamespaces(SYSTEM);
  });
});

it('the list of all objects shows one that is left', async () => {
  await run('create', 'configmap', 'forgotten');
  expect(await left()).toEqual(['v1 ConfigMap default/forgotten']);
  await run('delete', 'configmap', 'forgotten');
});
