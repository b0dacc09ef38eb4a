// The compiled koncli as a pod runs it: PID 1, with the ServiceAccount's folder at its real path and no kubeconfig.
// It requires Linux namespaces of its own, which not every machine allows.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, type TestContext } from 'vitest';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { koncliPath } from '../processes/executables.ts';
import { type KoncliProcess, resultOf } from '../processes/koncli-process.ts';
import { endGroup } from '../processes/process-group.ts';
import { eventually } from '../waiting/eventually.ts';

const UNSHARE = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc'];
const AS_POD =
  'mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io/serviceaccount && ' +
  'mount --bind "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"';

/** Skips the test where no such process can be made, and says why. */
export function needPods(skip: TestContext['skip']): void {
  const args = [...UNSHARE, '/bin/sh', '-c', AS_POD, '/tmp', 'true'];
  const { error, status, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
  const reason = error?.message ?? stderr.trim();
  skip(status !== 0, `needs the right to make PID and mount namespaces (root on Linux): ${reason}`);
}

/** The folder that the kubelet would mount. */
export class ServiceAccountFolder {
  readonly path: string;

  constructor(
    access: Pick<ControlPlaneAccess, 'directory' | 'certificateAuthority'>,
    identity: Record<'namespace' | 'token', string>,
  ) {
    this.path = mkdtempSync(join(access.directory, 'pod-'));
    writeFileSync(join(this.path, 'ca.crt'), readFileSync(access.certificateAuthority));
    writeFileSync(join(this.path, 'namespace'), identity.namespace);
    this.replaceToken(identity.token);
  }

  /** At once, as the kubelet does it: nobody reads half of one. */
  replaceToken(token: string): void {
    writeFileSync(join(this.path, 'token.new'), token);
    renameSync(join(this.path, 'token.new'), join(this.path, 'token'));
  }
}

export interface PodProcess extends KoncliProcess {
  /** Sends it to PID 1, which gets only those signals that it asks for. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface PodOptions {
  readonly server: string;
  readonly folder: ServiceAccountFolder;
  /** Another koncli than the one that is shipped. */
  readonly executable?: string;
}

/** Ended with the test, if not before. */
export function startKoncliInPod(
  args: readonly string[],
  { server, folder, executable = koncliPath() }: PodOptions,
): PodProcess {
  const { hostname, port } = new URL(server);
  const child = spawn('unshare', [...UNSHARE, '/bin/sh', '-c', AS_POD, folder.path, executable, ...args], {
    env: { PATH: process.env.PATH, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => endGroup(child));
  return {
    process: child,
    result: resultOf(child),
    kill: async (signal) => void process.kill(await childOf(child), signal),
  };
}

async function childOf({ pid }: ChildProcess): Promise<number> {
  const children = `/proc/${pid}/task/${pid}/children`;
  return Number(await eventually('the child of unshare', () => readFileSync(children, 'utf8').trim()));
}
