import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WaitGroup } from '@konductor/schema';
import { beforeEach, expect, inject, it, onTestFinished } from 'vitest';
import { grantRules, workerRules } from '../../support/cluster/client-access.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createToken, type ServiceAccountToken } from '../../support/cluster/tokens.ts';
import { type RootContent, startInEmptyRoot } from '../../support/pods/empty-root.ts';
import { needKonductorFolder, useKonductorFolder } from '../../support/pods/konductor-image.ts';
import { ServiceAccountFolder } from '../../support/pods/pod-process.ts';
import { operatorPath } from '../../support/processes/executables.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const KONCLI = '/konductor/koncli';
const konductor = useKonductorFolder();
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'folder');
});

/** What a pod of this account has in addition to its image. */
async function podOf(account: Pick<ServiceAccountToken, 'namespace' | 'serviceAccount'>): Promise<RootContent> {
  const folder = new ServiceAccountFolder(controlPlane, {
    namespace: account.namespace,
    token: await createToken(controlPlane, account),
  });
  chmodSync(folder.path, 0o755);
  const { hostname, port } = new URL(controlPlane.server);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  return { konductor, serviceAccount: folder.path, env };
}

async function workerPod(): Promise<RootContent> {
  await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
  await grantRules(controlPlane, { namespace, rules: workerRules('batch'), name: 'worker' });
  return podOf({ namespace, serviceAccount: 'worker' });
}

function emptyVolume(): string {
  const path = mkdtempSync(join(tmpdir(), 'konductor-volume-'));
  chmodSync(path, 0o777);
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it('lets koncli add, wait and mark work done in an empty image', async () => {
  const pod = await workerPod();
  const add = await startInEmptyRoot([KONCLI, 'wg', 'add', 'batch', '--delta', '2'], pod).result;
  expect(add).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('2') });
  const waiting = startInEmptyRoot([KONCLI, 'wg', 'wait', 'batch'], pod);
  await listen(waiting)('counter 2');
  expect((await startInEmptyRoot([KONCLI, 'wg', 'done', 'batch', '--delta', '2'], pod).result).code).toBe(0);
  expect(await waiting.result).toMatchObject({ code: 0, stdout: expect.stringContaining('/batch is done') });
});

it('lets koncli run despite another libc in LD_LIBRARY_PATH', async () => {
  const target = emptyVolume();
  writeFileSync(join(target, 'libc.so.6'), 'of another image');
  const env = { LD_LIBRARY_PATH: '/target' };
  const { code, stderr } = await startInEmptyRoot([KONCLI, 'version'], { konductor, target, env }).result;
  expect([code, stderr]).toEqual([0, '']);
});

it('is copied by install-to into a volume, from which koncli runs in an empty image', async () => {
  const pod = await workerPod();
  const target = emptyVolume();
  const init = await startInEmptyRoot([KONCLI, 'install-to', '/target'], { konductor, target }).result;
  expect(init).toEqual({ code: 0, stdout: 'koncli copied to /target\n', stderr: '' });
  expect(statSync(join(target, 'koncli')).mode & 0o777).toBe(0o755);
  const main = await startInEmptyRoot([KONCLI, 'wg', 'add', 'batch'], { ...pod, konductor: target }).result;
  expect(main).toMatchObject({ code: 0, stderr: '' });
});

it('lets the operator run in an empty image', async ({ skip }) => {
  await installOperator(controlPlane);
  const pod = await podOf({ namespace: 'konductor-system', serviceAccount: 'konductor-operator' });
  const folder = join(emptyVolume(), 'konductor');
  await needKonductorFolder(skip, folder, { executable: operatorPath() });
  const loopback = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'];
  const argv = ['/konductor/konductor-operator', ...loopback, `--watch-namespace=${namespace}`];
  startInEmptyRoot(argv, { ...pod, konductor: folder });
  await koncli(['wg', 'create', 'batch', '-n', namespace], controlPlane);
  const read = () => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', 'batch', '-n', namespace]);
  await eventually('the operator’s write', async () => (await read()).status?.observedGeneration === 1, {
    timeoutMs: 30_000,
  });
});
