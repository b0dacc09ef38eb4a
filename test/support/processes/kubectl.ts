// Runs the control plane's kubectl, as its administrator or with another kubeconfig.
import { spawn } from 'node:child_process';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { type KoncliResult, resultOf } from './koncli-process.ts';
import { shortLivedGo } from './short-lived-go.ts';

export type KubectlAccess = Pick<ControlPlaneAccess, 'kubectl' | 'kubeconfig'>;

export interface KubectlOptions {
  /** What it reads from stdin, as `-f -` does. */
  readonly input?: string;
  /** Absent: the administrator's. */
  readonly kubeconfig?: string;
  /** Where it looks for its plugins; absent: this process's PATH. */
  readonly path?: string;
}

/** A rejection is a result, not an exception. */
export async function kubectl(
  access: KubectlAccess,
  args: readonly string[],
  { input = '', kubeconfig = access.kubeconfig, path = process.env.PATH }: KubectlOptions = {},
): Promise<KoncliResult> {
  const env = { ...process.env, ...shortLivedGo, PATH: path, KUBECONFIG: kubeconfig };
  const child = spawn(access.kubectl, args, { env, stdio: 'pipe' });
  // It may end without reading its input; its exit code says why.
  child.stdin.on('error', () => undefined).end(input);
  return resultOf(child);
}

/** What kubectl prints; throws what it complains of unless it exits with 0. */
export async function kubectlOutput(
  access: KubectlAccess,
  args: readonly string[],
  options?: KubectlOptions,
): Promise<string> {
  const { stdout, stderr, code } = await kubectl(access, args, options);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** The object that kubectl prints with `-o json`, which is added. */
export async function kubectlJson<T>(
  access: KubectlAccess,
  args: readonly string[],
  options?: KubectlOptions,
): Promise<T> {
  return JSON.parse(await kubectlOutput(access, [...args, '-o', 'json'], options));
}
