// docs/guides/install.md, run as it is in a cluster of its own. There are no nodes: the test writes the status that the pod
// would report.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import { type ControlPlane, findHelm, startControlPlane } from '../../control-plane/index.ts';
import { installPrometheusCrds } from '../../support/cluster/prometheus-crds.ts';
import { Guide } from '../../support/guides/guide.ts';
import { Reader } from '../../support/guides/reader.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const SYSTEM = 'konductor-system';
const CRD = 'waitgroups.konductor.io';
const INSTALL = join(root, 'cdk8s/manifests/install.yaml');

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
});
afterAll(() => controlPlane.stop());

const run = (...args: string[]) => kubectlOutput(controlPlane, args);
const objects = () => run('get', 'namespaces,crds,clusterroles', '-o', 'name');
const groups = () => run('get', 'waitgroups', '-A', '-o', 'name');

/** The API server takes a moment to know a CRD. */
function makeGroup(namespace: string): Promise<boolean> {
  const create = async () => (await koncli(['wg', 'create', 'kept', '-n', namespace], controlPlane)).code === 0;
  return eventually('the CRD', create);
}

/** In a clone of the project, with helm. */
async function startReader(): Promise<Reader> {
  const reader = new Reader(controlPlane, 'default');
  symlinkSync(join(root, 'cdk8s'), join(reader.folder, 'cdk8s'));
  const helm = await findHelm({ log: (line) => process.stderr.write(`${line}\n`) });
  const script = `#!/bin/sh\nHOME='${reader.folder}' exec '${helm}' "$@"\n`;
  writeFileSync(join(reader.folder, 'helm'), script, { mode: 0o755 });
  return reader;
}

async function sayPodIsReady(): Promise<void> {
  const pod = await eventually('a pod', () => run('get', 'pods', '-n', SYSTEM, '-o', 'name'));
  const status = { conditions: [{ type: 'Ready', status: 'True' }], phase: 'Running' };
  const change = JSON.stringify({ status });
  await run('patch', pod.trim(), '-n', SYSTEM, '--subresource=status', '--type=merge', '-p', change);
}

it('install.md installs, upgrades and removes as it says, in each of its ways', { timeout: 400_000 }, async () => {
  const reader = await startReader();
  const guide = new Guide('install', reader);

  const [install] = await Promise.all([guide.type(), sayPodIsReady()]);
  await makeGroup('default');
  expect(await reader.type(install)).toMatchObject({ code: 0 });
  expect(await groups()).toContain('kept');
  await guide.type();
  expect(await objects()).not.toContain('konductor');

  await run('apply', '--server-side', '-f', INSTALL);
  await makeGroup('default');
  await guide.type();
  expect(await objects()).not.toContain(SYSTEM);
  expect(await objects()).toContain('konductor-edit');
  expect(await groups()).toContain('kept');
  await run('delete', '--ignore-not-found', '-f', INSTALL);

  await guide.type();
  expect(await objects()).toContain(CRD);
  expect(await objects()).not.toContain('konductor-edit');
  await guide.type();
  await run('delete', 'crd', CRD);

  await guide.type();
  await run('create', 'namespace', 'my-team');
  await makeGroup('my-team');
  await guide.type();
  expect(await run('get', 'deployments,roles,serviceaccounts', '-n', 'my-team', '-o', 'name')).not.toContain(
    'konductor',
  );
  expect(await groups()).toContain('kept');

  await installPrometheusCrds(controlPlane);
  await guide.type();
  expect(guide.rest).toEqual([]);
});
