// Finds the executables of the control plane: installed ones first, then the project's cache, finally a build with Go.
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildBinaries, type GoBuild } from './build.ts';
import { cacheFolder, missingFrom } from './cache.ts';
import { etcd, kubernetes, platform } from './versions.ts';

/** Paths of executables that are known to exist. */
export interface Binaries {
  readonly etcd: string;
  readonly apiServer: string;
  readonly kubectl: string;
  /** Only when it was asked for: envtest's folders have none. */
  readonly controllerManager?: string;
}

export interface FindBinariesOptions {
  readonly log: (line: string) => void;
  readonly controllerManager?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

const BASIC = ['etcd', 'kube-apiserver', 'kubectl'];
const CONTROLLER_MANAGER = 'kube-controller-manager';
const CONTROL_PLANE = {
  what: 'the control plane',
  duration: 'about 5 minutes',
  withoutGo:
    'The binaries of the control plane are missing. Install Go (https://go.dev/dl) and they are built once into ' +
    '$XDG_CACHE_HOME/konductor (default ~/.cache/konductor); or run "setup-envtest use"; or set KUBEBUILDER_ASSETS to ' +
    'a folder that holds etcd, kube-apiserver and kubectl (and kube-controller-manager, where it is asked for)',
  builds: [etcdBuild(), kubernetesBuild()],
  names: [...BASIC, CONTROLLER_MANAGER],
};

/** One folder has all of them, so that their versions fit each other. */
export async function findBinaries(options: FindBinariesOptions): Promise<Binaries> {
  const { controllerManager = false, env = process.env } = options;
  const directory =
    (await findInAssets(env.KUBEBUILDER_ASSETS, options)) ??
    (controllerManager ? undefined : await findInEnvtest(env)) ??
    (await findInCacheOrBuild({ ...options, env }));
  return {
    etcd: join(directory, 'etcd'),
    apiServer: join(directory, 'kube-apiserver'),
    kubectl: join(directory, 'kubectl'),
    ...(controllerManager ? { controllerManager: join(directory, CONTROLLER_MANAGER) } : {}),
  };
}

async function findInAssets(directory: string | undefined, options: FindBinariesOptions): Promise<string | undefined> {
  if (!directory) return undefined;
  const missing = await missingFrom(directory, BASIC);
  if (missing.length > 0) {
    throw new Error(
      `KUBEBUILDER_ASSETS=${directory} has no ${missing.join(', ')}: export the path that ` +
        `"setup-envtest use ${minorOf(kubernetes.version)}.x -p path" prints, or unset it`,
    );
  }
  if (!options.controllerManager || (await missingFrom(directory, [CONTROLLER_MANAGER])).length === 0) return directory;
  options.log(`KUBEBUILDER_ASSETS has no ${CONTROLLER_MANAGER}: using the project's own binaries`);
  return undefined;
}

/** The newest patch of the minor version that the project is written for. */
async function findInEnvtest(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const store = join(envtestDirectory(env), 'k8s');
  const prefix = `${minorOf(kubernetes.version)}.`;
  const patchOf = (name: string) => Number.parseInt(name.slice(prefix.length), 10);
  const names = (await readdir(store).catch(() => []))
    .filter((name) => name.startsWith(prefix) && name.endsWith(`-${platform}`))
    .sort((a, b) => patchOf(b) - patchOf(a));
  for (const name of names) {
    if ((await missingFrom(join(store, name), BASIC)).length === 0) return join(store, name);
  }
  return undefined;
}

/** Source: DefaultStoreDir in sigs.k8s.io/controller-runtime/tools/setup-envtest/store. */
function envtestDirectory(env: NodeJS.ProcessEnv): string {
  const home = env.HOME ?? homedir();
  return process.platform === 'darwin'
    ? join(home, 'Library/Application Support/io.kubebuilder.envtest')
    : join(env.XDG_DATA_HOME || join(home, '.local/share'), 'kubebuilder-envtest');
}

async function findInCacheOrBuild(options: FindBinariesOptions & { env: NodeJS.ProcessEnv }): Promise<string> {
  const name = `kubernetes-${kubernetes.version}-etcd-${etcd.version}-${platform}`;
  const target = join(cacheFolder(options.env), 'control-plane', name);
  await buildBinaries({ ...CONTROL_PLANE, ...options, target });
  return target;
}

/** `v1.36.3` is of minor version `1.36`. */
function minorOf(version: string): string {
  return version.replace(/^v(\d+\.\d+).*$/, '$1');
}

function etcdBuild(): GoBuild {
  const packages = ['go.etcd.io/etcd/server/v3'];
  return { directory: etcd.directory, linkerFlags: '-s -w', output: 'etcd', packages };
}

function kubernetesBuild(): GoBuild {
  // Without its version, clients cannot parse what the API server reports as its version.
  const stamps = ['k8s.io/component-base', 'k8s.io/client-go/pkg'].map(
    (path) => `-X ${path}/version.gitVersion=${kubernetes.version}`,
  );
  const packages = ['kube-apiserver', 'kubectl', CONTROLLER_MANAGER].map((name) => `k8s.io/kubernetes/cmd/${name}`);
  return { directory: kubernetes.directory, linkerFlags: ['-s -w', ...stamps].join(' '), output: '', packages };
}
