import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findBinaries } from './binaries.ts';
import { ALL, BASIC, writeFakeBinaries } from './fake-binaries.ts';
import { etcd, kubernetes, platform } from './versions.ts';

const minor = kubernetes.version.slice(1).split('.').slice(0, 2).join('.');

let home: string;
let lines: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'konductor-binaries-'));
  lines = [];
});
afterEach(() => rmSync(home, { recursive: true }));

function find(env: NodeJS.ProcessEnv, controllerManager = false) {
  const log = (line: string) => lines.push(line);
  return findBinaries({ log, controllerManager, env: { HOME: home, PATH: join(home, 'nothing-here'), ...env } });
}

const cached = (cache: string) =>
  join(cache, 'konductor/control-plane', `kubernetes-${kubernetes.version}-etcd-${etcd.version}-${platform}`);
const envtestStore =
  process.platform === 'darwin'
    ? () => join(home, 'Library/Application Support/io.kubebuilder.envtest/k8s')
    : () => join(home, '.local/share/kubebuilder-envtest/k8s');

it('prefers KUBEBUILDER_ASSETS to whatever else there is', async () => {
  writeFakeBinaries(join(envtestStore(), `${minor}.0-${platform}`), BASIC);
  writeFakeBinaries(cached(join(home, '.cache')), ALL);
  const assets = writeFakeBinaries(join(home, 'assets'), BASIC);
  await expect(find({ KUBEBUILDER_ASSETS: assets })).resolves.toEqual({
    etcd: join(assets, 'etcd'),
    apiServer: join(assets, 'kube-apiserver'),
    kubectl: join(assets, 'kubectl'),
  });
});

it('rejects KUBEBUILDER_ASSETS in one line when it lacks an executable', async () => {
  const assets = writeFakeBinaries(join(home, 'assets'), ['etcd', 'kube-apiserver']);
  await expect(find({ KUBEBUILDER_ASSETS: assets })).rejects.toThrow(
    /^KUBEBUILDER_ASSETS=.*assets has no kubectl: export the path that "setup-envtest use .*" prints, or unset it$/,
  );
});

it('takes KUBEBUILDER_ASSETS for the controller manager too when it has one', async () => {
  const assets = writeFakeBinaries(join(home, 'assets'), ALL);
  const { controllerManager } = await find({ KUBEBUILDER_ASSETS: assets }, true);
  expect(controllerManager).toBe(join(assets, 'kube-controller-manager'));
});

it.each(['assets', 'envtest'])('goes on to the cache when the controller manager is missing from %s', async (where) => {
  const assets = join(home, 'assets');
  const env = where === 'assets' ? { KUBEBUILDER_ASSETS: assets } : {};
  writeFakeBinaries(where === 'assets' ? assets : join(envtestStore(), `${minor}.0-${platform}`), BASIC);
  const cache = writeFakeBinaries(cached(join(home, '.cache')), ALL);
  const { apiServer, controllerManager = '' } = await find(env, true);
  expect([dirname(apiServer), dirname(controllerManager)]).toEqual([cache, cache]);
});

it('takes the newest patch of its own minor version from what setup-envtest downloaded', async () => {
  const suitable = [`${minor}.2-${platform}`, `${minor}.10-${platform}`];
  const unsuitable = ['1.20.99', '1.99.0'].map((version) => `${version}-${platform}`).concat(`${minor}.11-plan9-mips`);
  for (const name of [...suitable, ...unsuitable]) writeFakeBinaries(join(envtestStore(), name), BASIC);
  writeFakeBinaries(join(envtestStore(), `${minor}.12-${platform}`), ['etcd']);
  expect((await find({})).etcd).toBe(join(envtestStore(), `${minor}.10-${platform}`, 'etcd'));
});

it.skipIf(process.platform === 'darwin')('looks for envtest where XDG_DATA_HOME says (Linux only)', async () => {
  const store = join(home, 'data/kubebuilder-envtest/k8s', `${minor}.0-${platform}`);
  writeFakeBinaries(store, BASIC);
  expect((await find({ XDG_DATA_HOME: join(home, 'data') })).etcd).toBe(join(store, 'etcd'));
});

it('takes the project’s cache, silently', async () => {
  const cache = writeFakeBinaries(cached(join(home, 'elsewhere')), ALL);
  const { etcd: path } = await find({ XDG_CACHE_HOME: join(home, 'elsewhere') });
  expect(path).toBe(join(cache, 'etcd'));
  expect(lines).toEqual([]);
});

it('names every way to get the binaries when there is no Go either', async () => {
  const error = await find({}).catch((error: Error) => error.message);
  for (const way of ['Install Go', '$XDG_CACHE_HOME/konductor', 'setup-envtest', 'KUBEBUILDER_ASSETS']) {
    expect(error).toContain(way);
  }
});
