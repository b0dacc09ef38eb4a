// Runs client-script.ts on the runtimes that the client is for.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Call, Outcome } from '../../integration/client/client-script.ts';
import { resultOf } from './koncli-process.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SCRIPT = join(import.meta.dirname, '../../integration/client/client-script.ts');

export type Runtime = 'node' | 'bun';

export interface ScriptOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** An inner list is made at once. */
  readonly calls: readonly (Call | readonly Call[])[];
}

export async function runCalls(
  runtime: Runtime,
  { kubeconfig, namespace, env, calls }: ScriptOptions,
): Promise<Outcome[]> {
  const command = runtime === 'node' ? process.execPath : join(ROOT, 'node_modules/.bin/bun');
  const child = spawn(command, ['--conditions=konductor-source', SCRIPT, JSON.stringify(calls)], {
    env: { ...process.env, ...env, KUBECONFIG: kubeconfig, NAMESPACE: namespace },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr, code } = await resultOf(child);
  if (code !== 0) throw new Error(`the script exited with ${code} on ${runtime}: ${stderr}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line): Outcome => JSON.parse(line));
}
