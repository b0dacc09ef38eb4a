// npm run bench -- cli: what starting koncli costs beside an empty executable, and one change beside kubectl's.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../scripts/executables/compile.ts';
import { koncliExecutable } from '../../scripts/executables/executables.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type Command, compare } from './process-cost.ts';
import type { Bench } from './section.ts';
import { printComparisons } from './table.ts';

const RUNS = 40;
const GROUP = 'bench-cli';

export async function benchCli({ controlPlane, koncli, kubectl, env }: Bench): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: GROUP } });
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input });
  const empty = compileNothing(controlPlane.directory);
  printComparisons([
    { name: 'koncli --help / an empty executable', ...(await compare([koncli, '--help'], () => [empty], RUNS, env)) },
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

/** By the same flags as koncli. Returns its path. */
function compileNothing(directory: string): string {
  const folder = mkdtempSync(join(directory, 'empty-'));
  const entry = join(folder, 'empty.ts');
  writeFileSync(entry, '');
  const outfile = join(folder, 'empty');
  compile({ entry, outfile, formatFlags: koncliExecutable.formatFlags });
  return outfile;
}

function patch(kubectl: string, run: number): Command {
  const status = JSON.stringify({ status: { observedGeneration: run } });
  return [kubectl, 'patch', 'waitgroup', GROUP, '--subresource=status', '--type=merge', '-p', status];
}
