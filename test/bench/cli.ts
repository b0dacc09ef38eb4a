// npm run bench -- cli: what a command of koncli costs beside the same by kubectl.
import { kubectlOutput } from '../support/kubectl.ts';
import { type Command, compare } from './process-cost.ts';
import type { Bench } from './section.ts';
import { printComparisons } from './table.ts';

const RUNS = 15;
const GROUP = 'bench-cli';

export async function benchCli({ controlPlane, koncli, kubectl, env }: Bench): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: GROUP } });
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input });
  const start = await compare([koncli, 'version'], [kubectl, 'version', '--client'], RUNS, env);
  const change = await compare(...changes(koncli, kubectl), RUNS, env);
  printComparisons([
    { name: 'start: version', ...start },
    { name: 'one change: add / patch status', ...change },
  ]);
}

function changes(koncli: string, kubectl: string): [Command, Command] {
  const status = JSON.stringify({ status: { observedGeneration: 1 } });
  const patch = ['patch', 'waitgroup', GROUP, '--subresource=status', '--type=merge', '-p', status] as const;
  return [
    [koncli, 'waitgroup', 'add', GROUP],
    [kubectl, ...patch],
  ];
}
