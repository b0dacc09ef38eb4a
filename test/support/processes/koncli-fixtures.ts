// What tests of koncli share beyond running it: waiting for its output, changed kubeconfigs, and pasted commands.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import type { KoncliProcess } from './koncli-process.ts';

/** Call it right after the start: what it returns resolves when stderr has a text, and rejects when koncli ends without. */
export function listen({ process }: Pick<KoncliProcess, 'process'>): (text: string) => Promise<void> {
  const { stderr } = process;
  if (!stderr) throw new Error('its stderr is no pipe');
  let said = '';
  stderr.on('data', (chunk) => {
    said += chunk;
  });
  return (text) =>
    new Promise((resolve, reject) => {
      const check = () => said.includes(text) && resolve();
      check();
      stderr.on('data', check);
      stderr.once('end', () => reject(new Error(`koncli ended without "${text}": ${said}`)));
    });
}

interface Kubeconfig {
  readonly clusters: { cluster: { server: string } }[];
  readonly contexts: { context: { namespace?: string } }[];
  readonly users: { user: unknown }[];
}

/** The path of the administrator's kubeconfig with something changed. */
export async function changedKubeconfig(
  access: ControlPlaneAccess,
  change: (config: Kubeconfig) => void,
): Promise<string> {
  const config: Kubeconfig = JSON.parse(await readFile(access.kubeconfig, 'utf8'));
  change(config);
  const path = join(access.directory, `koncli-${randomBytes(4).toString('hex')}.kubeconfig`);
  await writeFile(path, JSON.stringify(config));
  return path;
}

/** The administrator's, in another namespace. */
export function kubeconfigIn(access: ControlPlaneAccess, namespace: string): Promise<string> {
  return changedKubeconfig(access, ({ contexts }) => {
    for (const { context } of contexts) context.namespace = namespace;
  });
}

/** The server is a port of loopback that nothing listens on. */
export function kubeconfigOfNobody(access: ControlPlaneAccess): Promise<string> {
  return changedKubeconfig(access, ({ clusters }) => {
    for (const { cluster } of clusters) cluster.server = 'https://127.0.0.1:1';
  });
}

/** Runs a line of kubectl commands in a shell, as the administrator. */
export async function paste({ kubectl, kubeconfig, directory }: ControlPlaneAccess, line: string): Promise<void> {
  const env = { PATH: `${dirname(kubectl)}:/usr/bin:/bin`, HOME: directory, KUBECONFIG: kubeconfig };
  await promisify(execFile)('sh', ['-c', line], { env });
}
