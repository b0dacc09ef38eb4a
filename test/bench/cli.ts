// npm run bench -- cli: what starting koncli and one change cost, compared with kubectl.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type Command, compare } from './process-cost.ts';
import { startResults } from './results.ts';
import type { Bench } from './section.ts';
import { printComparisons } from './table.ts';

const RUNS = 40;
const GROUP = 'bench-cli';

export async function benchCli({ controlPlane, koncli, kubectl, env }: Bench): Promise<void> {
  const save = startResults('cli');
  const input = JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: GROUP } });
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input });
  const compareAdd = (environment: NodeJS.ProcessEnv) =>
    compare([koncli, 'waitgroup', 'add', GROUP], (run) => patch(kubectl, run), RUNS, environment);
  const comparisons = [
    {
      name: 'koncli --help / kubectl --help',
      ...(await compare([koncli, '--help'], () => [kubectl, '--help'], RUNS, env)),
    },
    {
      name: 'koncli version / kubectl version --client',
      ...(await compare([koncli, 'version'], () => [kubectl, 'version', '--client'], RUNS, env)),
    },
    { name: 'koncli waitgroup add / kubectl patch', ...(await compareAdd(env)) },
    {
      name: 'the same, certificates in files',
      ...(await compareAdd({ ...env, KUBECONFIG: writeKubeconfigOfFiles(controlPlane) })),
    },
  ];
  printComparisons(comparisons);
  save(comparisons);
}

/** Writes a kubeconfig that names certificate and key files, like minikube's; returns its path. */
function writeKubeconfigOfFiles({ directory, kubeconfig }: Bench['controlPlane']): string {
  const move = (entry: Record<string, string>) => {
    for (const field of ['certificate-authority', 'client-certificate', 'client-key']) {
      const data = entry[`${field}-data`];
      if (data === undefined) continue;
      writeFileSync(join(directory, `bench-${field}`), data, 'base64');
      delete entry[`${field}-data`];
      entry[field] = `bench-${field}`;
    }
  };
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8'));
  for (const { cluster } of config.clusters) move(cluster);
  for (const { user } of config.users) move(user);
  const path = join(directory, 'bench.kubeconfig');
  writeFileSync(path, JSON.stringify(config));
  return path;
}

function patch(kubectl: string, run: number): Command {
  const status = JSON.stringify({ status: { observedGeneration: run } });
  return [kubectl, 'patch', 'waitgroup', GROUP, '--subresource=status', '--type=merge', '-p', status];
}
