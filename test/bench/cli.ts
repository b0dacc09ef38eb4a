// npm run bench -- cli: what starting koncli and one change cost, compared with kubectl.
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type Command, compare } from './process-cost.ts';
import type { Bench } from './section.ts';
import { printComparisons } from './table.ts';

const RUNS = 40;
const GROUP = 'bench-cli';

export async function benchCli({ controlPlane, koncli, kubectl, env }: Bench): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: GROUP } });
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input });
  printComparisons([
    {
      name: 'koncli --help / kubectl --help',
      ...(await compare([koncli, '--help'], () => [kubectl, '--help'], RUNS, env)),
    },
    {
      name: 'koncli version / kubectl version --client',
      ...(await compare([koncli, 'version'], () => [kubectl, 'version', '--client'], RUNS, env)),
    },
    {
      name: 'koncli waitgroup add / kubectl patch',
      ...(await compare([koncli, 'waitgroup', 'add', GROUP], (run) => patch(kubectl, run), RUNS, env)),
    },
  ]);
}

function patch(kubectl: string, run: number): Command {
  const status = JSON.stringify({ status: { observedGeneration: run } });
  return [kubectl, 'patch', 'waitgroup', GROUP, '--subresource=status', '--type=merge', '-p', status];
}
