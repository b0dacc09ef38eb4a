// Runs helm as its users do, with a home of its own.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findHelm } from '../../control-plane/index.ts';
import { shortLivedGo } from './short-lived-go.ts';

const run = promisify(execFile);

/** What helm prints on stdout; throws what it complains of unless it exits with 0. It keeps what it remembers in `home`. */
export async function helm(
  args: readonly string[],
  { kubeconfig = '/dev/null', home }: { home: string; kubeconfig?: string },
): Promise<string> {
  const path = await findHelm({ log: (line) => process.stderr.write(`${line}\n`) });
  const homes = ['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, join(home, kind)]);
  const env = { ...process.env, ...shortLivedGo, ...Object.fromEntries(homes), KUBECONFIG: kubeconfig };
  return (await run(path, args, { env, maxBuffer: 1e8 })).stdout;
}
