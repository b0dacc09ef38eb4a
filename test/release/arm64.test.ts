// The executables for linux/arm64 with their libc, as in the images: run by qemu in a root that holds nothing else.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WaitGroup } from '@konductor/schema';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { executables, executablesFor } from '../../scripts/executables/executables.ts';
import { root } from '../../scripts/root.ts';
import { grantRules, workerRules } from '../support/cluster/client-access.ts';
import { installOperator } from '../support/cluster/installed-operator.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { createToken, type ServiceAccountToken } from '../support/cluster/tokens.ts';
import { startInEmptyRoot } from '../support/pods/empty-root.ts';
import { needKonductorFolder } from '../support/pods/konductor-image.ts';
import { ServiceAccountFolder } from '../support/pods/pod-process.ts';
import { koncli } from '../support/processes/koncli-process.ts';
import { kubectlJson } from '../support/processes/kubectl.ts';
import { eventually } from '../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const emulator = spawnSync('which', ['qemu-aarch64-static'], { encoding: 'utf8' }).stdout.trim();
let parent: string;
let namespace: string;
const folderOf = (name: string) => join(parent, name);

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'konductor-arm64-'));
  chmodSync(parent, 0o755);
});
afterAll(() => rmSync(parent, { recursive: true }));

beforeEach(async ({ skip }) => {
  skip(!emulator, 'needs qemu-aarch64-static (Debian: qemu-user-static)');
  spawnSync(process.execPath, ['scripts/build.ts', '--executables', '--if-stale', '--target=linux-arm64'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  for (const { name } of executables) {
    const built = executablesFor('linux-arm64').find((one) => one.name === name);
    await needKonductorFolder(skip, folderOf(name), { executable: join(root, built?.path ?? ''), name });
  }
  namespace = await createNamespace(controlPlane, 'arm64');
});

async function start(
  [name, ...args]: [name: string, ...args: string[]],
  account: Pick<ServiceAccountToken, 'namespace' | 'serviceAccount'>,
) {
  const token = await createToken(controlPlane, account);
  const { path } = new ServiceAccountFolder(controlPlane, { namespace: account.namespace, token });
  chmodSync(path, 0o755);
  const { hostname, port } = new URL(controlPlane.server);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const content = { konductor: folderOf(name), emulator, serviceAccount: path, env };
  return startInEmptyRoot([`/konductor/${name}`, ...args], content);
}

it('lets koncli for arm64 add, wait and mark work done', async () => {
  const version = startInEmptyRoot(['/konductor/koncli', 'version'], { konductor: folderOf('koncli'), emulator });
  expect(await version.result).toMatchObject({ code: 0, stdout: expect.stringContaining('linux/arm64') });
  await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
  await grantRules(controlPlane, { namespace, rules: workerRules('batch'), name: 'worker' });
  const run = (...args: string[]) => start(['koncli', 'wg', ...args], { namespace, serviceAccount: 'worker' });
  expect(await (await run('add', 'batch', '--delta', '2')).result).toMatchObject({ code: 0, stderr: '' });
  const waiting = await run('wait', 'batch');
  expect(await (await run('done', 'batch', '--delta', '2')).result).toMatchObject({ code: 0, stderr: '' });
  expect(await waiting.result).toMatchObject({ code: 0, stdout: expect.stringContaining('/batch is done') });
});

it('lets the operator for arm64 reconcile', async () => {
  await installOperator(controlPlane);
  const loopback = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'];
  const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
  await start(['konductor-operator', ...loopback, `--watch-namespace=${namespace}`], account);
  await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
  const read = () => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', 'batch', '-n', namespace]);
  await eventually('the operator’s write', async () => (await read()).status?.observedGeneration === 1, {
    timeoutMs: 90_000,
  });
});
