// What is shipped, from its installation over an upgrade to its end, in a cluster that really deletes: nothing may be left.
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Manifest } from '../../cdk8s/synth.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { listClusterObjects } from '../../support/cluster/cluster-objects.ts';
import { areServed } from '../../support/cluster/crd.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { installPrometheusCrds, prometheusCrds } from '../../support/cluster/prometheus-crds.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { helm } from '../../support/processes/helm.ts';
import { type KoncliProcess, koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const CDK8S = join(import.meta.dirname, '../../../cdk8s');
const CHART = join(CDK8S, 'charts/konductor');
const PREVIOUS = join(import.meta.dirname, '../../fixtures/previous');
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

/** As it was shipped before. The CRD has not changed since: so that its upgrade shows, it has one column less. */
function previous(path: string): string {
  const copy = join(folder, 'previous', path);
  mkdirSync(dirname(copy), { recursive: true });
  const text = readFileSync(join(PREVIOUS, path), 'utf8');
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

interface StartedGroup {
  readonly namespace: string;
  readonly waiter: KoncliProcess;
}

/** A group of which one worker is not done yet, and somebody who waits for it, in a namespace of their own. */
async function startGroup(namespace: string): Promise<StartedGroup> {
  await areServed(controlPlane, 'waitgroups');
  await koncliOn(namespace, 'create', 'batch', '--ttl', '1h');
  await koncliOn(namespace, 'add', 'batch', '--delta', '2');
  await koncliOn(namespace, 'done', 'batch');
  const waiter = startKoncli(['wg', 'wait', 'batch', '-n', namespace], controlPlane);
  onTestFinished(() => void waiter.process.kill());
  return { namespace, waiter };
}

/** Counts on in that group, and sees the operator complete it and the waiter come back. */
async function finishGroup({ namespace, waiter }: StartedGroup, operatorNamespace: string): Promise<void> {
  const operator = await runOperator(operatorNamespace);
  await koncliOn(namespace, 'add', 'batch');
  await koncliOn(namespace, 'done', 'batch', '--delta', '2');
  const statusOf = async () =>
    (await kubectlJson<Manifest>(controlPlane, ['get', 'wg', 'batch', '-n', namespace])).status;
  const isCompleted = async () => (await statusOf()).completedAt !== undefined;
  await eventually(isCompleted, { what: 'the completion' });
  expect(await statusOf()).toMatchObject({ counter: 0, added: 3, completions: 1, phase: 'Done' });
  expect(await waiter.result).toMatchObject({ code: 0 });
  await operator.stop();
}

async function koncliOn(namespace: string, ...args: string[]): Promise<void> {
  expect(await koncli(['wg', ...args, '-n', namespace], controlPlane)).toMatchObject({ code: 0 });
}

/** What an upgrade must leave as it is, or Kubernetes would refuse it or begin anew, and what it changes. */
async function deploymentIn(namespace: string) {
  const { metadata, spec } = await kubectlJson<Manifest>(controlPlane, [
    ...['get', 'deployment', 'konductor-operator', '-n', namespace],
  ]);
  const [{ image, args }] = spec.template.spec.containers;
  return { kept: { uid: metadata.uid, selector: spec.selector, image }, generation: metadata.generation, args };
}

/** Rights that the operator had not. */
const mayTellOfLeadership = async (namespace: string) => {
  const role = [
    'get',
    'role',
    'konductor-operator-leader-election',
    '-n',
    namespace,
    '--ignore-not-found',
    '-o',
    'yaml',
  ];
  return (await run(...role)).includes('- events');
};
const hasColumn = async () => (await run('get', 'crd', 'waitgroups.konductor.io', '-o', 'yaml')).includes('name: TTL');

async function nothingIsLeft(): Promise<void> {
  const check = async () => {
    expect(await left()).toEqual([]);
    return true;
  };
  expect(await eventually(check, { what: 'the end of everything', timeoutMs: 60_000, intervalMs: 500 })).toBe(true);
}

const SHIPPED = ['install', 'monitoring', 'injection'];
const PREVIOUSLY_SHIPPED = ['install', 'injection'];
const patience = { timeout: 400_000 };

it(
  'install.yaml, monitoring.yaml, injection.yaml and the examples are installed, upgraded and removed',
  patience,
  async () => {
    const crds = (await prometheusCrds()).flatMap((file) => ['-f', file]);
    await installPrometheusCrds(controlPlane);
    for (const name of PREVIOUSLY_SHIPPED) await apply('-f', previous(`${name}.yaml`));
    const group = await startGroup(await createNamespace(controlPlane, 'work'));
    const before = await deploymentIn(SYSTEM);
    expect([before.generation, before.args.includes('--leader-elect'), await hasColumn()]).toEqual([1, false, false]);

    for (const name of SHIPPED) await apply('-f', manifest(name));
    const after = await deploymentIn(SYSTEM);
    expect([after.generation, after.args.includes('--leader-elect'), await hasColumn()]).toEqual([2, true, true]);
    expect(after.kept).toEqual(before.kept);
    const files = SHIPPED.flatMap((name) => ['-f', manifest(name)]);
    const versions = await versionsOf(files);
    await apply(...files);
    expect(await versionsOf(files)).toEqual(versions);
    await finishGroup(group, SYSTEM);

    // Of the Jobs among them, nothing can be upgraded.
    const examples = globSync('manifests/examples/*.yaml', { cwd: CDK8S }).flatMap((path) => ['-f', join(CDK8S, path)]);
    await apply(...examples);
    await run('delete', ...examples);
    for (const name of SHIPPED.toReversed()) await run('delete', '-f', manifest(name));
    await run('delete', ...crds);
    await run('delete', 'namespace', group.namespace);
    await nothingIsLeft();
  },
);

it(
  'what kubectl applied on the client’s side is upgraded there, then on the server’s, and removed',
  patience,
  async () => {
    await run('apply', '-f', previous('install.yaml'));
    const before = await deploymentIn(SYSTEM);
    const group = await startGroup(await createNamespace(controlPlane, 'work'));
    await run('apply', '-f', manifest('install'));
    const { kept, args } = await deploymentIn(SYSTEM);
    expect(kept).toEqual(before.kept);
    await apply('-f', manifest('install'));
    expect(await deploymentIn(SYSTEM)).toMatchObject({ kept, args });
    await finishGroup(group, SYSTEM);
    await run('delete', '-f', manifest('install'));
    await run('delete', 'namespace', group.namespace);
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
    const install = () => asAdministrator('apply', '--server-side', '-f', previous('install-namespace.yaml'));
    // Kubernetes takes a moment to add up its roles.
    await eventually(install, { what: 'the rights of the administrator' });
    const group = await startGroup(namespace);
    const before = await deploymentIn(namespace);
    expect(await mayTellOfLeadership(namespace)).toBe(false);

    await asAdministrator('apply', '--server-side', '-f', file);
    expect(await mayTellOfLeadership(namespace)).toBe(true);
    expect(await deploymentIn(namespace)).toEqual(before);
    const objectsOfFile = ['-f', file, '-n', namespace];
    const versions = await versionsOf(objectsOfFile);
    await asAdministrator('apply', '--server-side', '-f', file);
    expect(await versionsOf(objectsOfFile)).toEqual(versions);
    await finishGroup(group, namespace);

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
    for (const path of globSync('chart/**/*.*', { cwd: PREVIOUS })) previous(path);
    await inSystem('install', 'konductor', join(folder, 'previous/chart'), '--create-namespace', '--set=replicas=2');
    const group = await startGroup(await createNamespace(controlPlane, 'work'));
    const before = await deploymentIn(SYSTEM);
    expect([await mayTellOfLeadership(SYSTEM), await hasColumn()]).toEqual([false, false]);

    // Its values do not know the ones that came later.
    await inSystem('upgrade', 'konductor', CHART, '--reuse-values');
    expect([await mayTellOfLeadership(SYSTEM), await hasColumn()]).toEqual([true, true]);
    expect(await deploymentIn(SYSTEM)).toEqual(before);
    await inSystem('upgrade', 'konductor', CHART, '--reset-values');
    expect((await deploymentIn(SYSTEM)).kept).toEqual(before.kept);
    await expect(inSystem('install', 'second', CHART)).rejects.toThrow('cannot be imported into the current release');
    const versions = await releaseVersions();
    await inSystem('upgrade', 'konductor', CHART);
    expect(await releaseVersions()).toEqual(versions);
    await finishGroup(group, SYSTEM);

    const said = await inSystem('uninstall', 'konductor', '--wait');
    expect(said).toContain('kept due to the resource policy:\n[CustomResourceDefinition] waitgroups.konductor.io');
    const kept = await kubectlJson(controlPlane, ['get', 'wg', 'batch', '-n', group.namespace]);
    expect(kept).toMatchObject({ status: { counter: 0, added: 3 } });

    // As somebody does who changed their mind.
    await inSystem('install', 'konductor', CHART);
    await inSystem('uninstall', 'konductor', '--wait');
    await run('delete', 'crd', 'waitgroups.konductor.io');
    await run('delete', 'namespace', SYSTEM, group.namespace);
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
