// Builds the control plane with Go into the project's cache: one build at a time, visible there only when complete.
import { spawn } from 'node:child_process';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withLock } from './lock.ts';
import { identifySelf, isRunning } from './process-identity.ts';
import { etcd, kubernetes } from './versions.ts';

const HEARTBEAT_MS = 15_000;
const SHOWN_LINES = 20;
const UNFINISHED = '.building-';

export interface BuildOptions {
  /** The folder that will hold the four executables. */
  readonly target: string;
  readonly isComplete: () => Promise<boolean>;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Returns when the target is complete, whoever built it. */
export async function buildBinaries(options: BuildOptions): Promise<void> {
  const { target, isComplete, log, signal } = options;
  const onWait = (pid: number) => log(`process ${pid} is building the control plane: waiting for it`);
  await withLock(`${target}.lock`, { onWait, signal }, async () => {
    if (await isComplete()) return;
    await removeUnfinished(dirname(target));
    await buildInto(options);
  });
}

/** Builds whose process died; one that lives may belong to other versions. */
async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(UNFINISHED) || isRunning(name.slice(UNFINISHED.length))) continue;
    await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function buildInto(options: BuildOptions): Promise<void> {
  const { target, isComplete, log } = options;
  const unfinished = join(dirname(target), `${UNFINISHED}${identifySelf()}`);
  const startedAt = performance.now();
  log(`building the control plane into ${target}: about 5 minutes, once`);
  try {
    await mkdir(unfinished, { recursive: true });
    await buildEtcd(unfinished, options);
    await buildKubernetes(unfinished, options);
    if (!(await isComplete())) await replace(target, unfinished);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  log(`built the control plane in ${elapsed(startedAt)}`);
}

/** A folder can be renamed only onto an empty one; what is replaced lacks an executable, so nobody runs from it. */
async function replace(target: string, by: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
  await rename(by, target);
}

async function buildEtcd(out: string, options: BuildOptions): Promise<void> {
  const args = ['-ldflags', '-s -w', '-o', join(out, 'etcd'), 'go.etcd.io/etcd/server/v3'];
  await runGo(etcd.directory, args, options);
}

async function buildKubernetes(out: string, options: BuildOptions): Promise<void> {
  // Without its version, clients cannot parse what the API server says it is.
  const stamps = ['k8s.io/component-base', 'k8s.io/client-go/pkg'].map(
    (path) => `-X ${path}/version.gitVersion=${kubernetes.version}`,
  );
  const commands = ['kube-apiserver', 'kubectl', 'kube-controller-manager'];
  const packages = commands.map((command) => `k8s.io/kubernetes/cmd/${command}`);
  await runGo(
    kubernetes.directory,
    ['-ldflags', ['-s -w', ...stamps].join(' '), '-o', `${out}/`, ...packages],
    options,
  );
}

async function runGo(cwd: string, args: readonly string[], { env, log, signal }: BuildOptions): Promise<void> {
  const startedAt = performance.now();
  const heartbeat = setInterval(() => log(`building ${basename(cwd)} (${elapsed(startedAt)})`), HEARTBEAT_MS);
  try {
    await run('go', ['build', '-trimpath', ...args], { cwd, env, signal });
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, cwd);
  } finally {
    clearInterval(heartbeat);
  }
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
}

function run(command: string, args: readonly string[], options: RunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines: string[] = [];
    const collect = (chunk: Buffer) =>
      lines.splice(0, lines.length, ...lines.concat(`${chunk}`.trimEnd()).slice(-SHOWN_LINES));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(lines.join('\n')))));
  });
}

function explain(error: NodeJS.ErrnoException, directory: string): Error {
  if (error.code !== 'ENOENT') return new Error(`Go could not build ${directory}:\n${error.message}`, { cause: error });
  return new Error(
    'The binaries of the control plane are missing. Install Go (https://go.dev/dl) and they are built once into ' +
      '$XDG_CACHE_HOME/konductor (default ~/.cache/konductor); or run "setup-envtest use"; or set KUBEBUILDER_ASSETS to ' +
      'a folder that holds etcd, kube-apiserver and kubectl (and kube-controller-manager, where it is asked for)',
    { cause: error },
  );
}

function elapsed(startedAt: number): string {
  return `${Math.round((performance.now() - startedAt) / 1000)} s`;
}
