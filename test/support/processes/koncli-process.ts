// The compiled koncli as a process of its own.
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { koncliPath } from './executables.ts';

export interface KoncliResult {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
}

export interface KoncliOptions {
  readonly kubeconfig: string;
  /** Beside KUBECONFIG; nothing of this process's environment goes with it. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface KoncliProcess {
  readonly process: ChildProcess;
  readonly result: Promise<KoncliResult>;
}

export function startKoncli(args: readonly string[], { kubeconfig, env = {} }: KoncliOptions): KoncliProcess {
  const child = spawn(koncliPath(), args, {
    env: { KUBECONFIG: kubeconfig, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { process: child, result: resultOf(child) };
}

/** Of a process whose output goes into pipes. */
export async function resultOf(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Promise<KoncliResult> {
  const exit = new Promise<KoncliResult['code']>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { stdout, stderr, code };
}

export function koncli(args: readonly string[], options: KoncliOptions): Promise<KoncliResult> {
  return startKoncli(args, options).result;
}
