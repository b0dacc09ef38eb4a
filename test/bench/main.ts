// npm run bench: what koncli and the operator cost, beside kubectl in the same run. Figures are of this machine and this
// moment; the ratios are what to compare.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from '../control-plane/index.ts';
import { batchExample, INSTALL_MANIFEST } from '../demo/manifests.ts';
import { koncliPath } from '../support/executables.ts';
import { kubectlOutput } from '../support/kubectl.ts';
import { startOperator } from '../support/operator.ts';
import { type Command, type Cost, compare, peakMegabytes } from './process-cost.ts';

const RUNS = 15;
const GROUP = 'batch-jobs';

const controlPlane = await startControlPlane({ log: (line) => process.stderr.write(`bench: ${line}\n`) });
try {
  await bench(controlPlane);
} finally {
  await controlPlane.stop();
}

async function bench({ kubeconfig, kubectl }: ControlPlane): Promise<void> {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const koncli = koncliPath();
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', INSTALL_MANIFEST]);
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input: batchExample('1h') });
  await kubectlOutput(controlPlane, ['wait', '--for=condition=Established', 'crd/waitgroups.konductor.io']);
  const rows: [string, { ours: Cost; theirs: Cost }][] = [
    ['start: version', await compare([koncli, 'version'], [kubectl, 'version', '--client'], RUNS, env)],
    ['one change: add / patch status', await compare(...changes(koncli, kubectl), RUNS, env)],
    ['last done to end of wait', await wakeUps(koncli, kubectl, env)],
  ];
  console.log(`${'median of runs'.padEnd(34)}${'koncli'.padEnd(20)}${'kubectl'.padEnd(20)}time x   memory x`);
  for (const [name, { ours, theirs }] of rows) console.log(row(name, ours, theirs));
  const operator = await startOperator({ kubeconfig });
  console.log(`${'operator, idle, 1 group'.padEnd(34)}${peakMegabytes(operator.pid).toFixed(0)} MB peak`);
  await operator.stop();
}

function changes(koncli: string, kubectl: string): [Command, Command] {
  const status = JSON.stringify({ status: { observedGeneration: 1 } });
  const patch = ['patch', 'waitgroup', GROUP, '--subresource=status', '--type=merge', '-p', status] as const;
  return [
    [koncli, 'waitgroup', 'add', GROUP],
    [kubectl, ...patch],
  ];
}

/** From the start of the last done, the same for both, to the end of the process that waits. */
async function wakeUps(koncli: string, kubectl: string, env: NodeJS.ProcessEnv) {
  const waits: Record<'ours' | 'theirs', Command> = {
    ours: [koncli, 'waitgroup', 'wait', GROUP],
    theirs: [kubectl, 'wait', '--for=condition=Done', `waitgroup/${GROUP}`, '--timeout=60s'],
  };
  return { ours: await wakeUp(waits.ours, koncli, env), theirs: await wakeUp(waits.theirs, koncli, env) };
}

async function wakeUp([file, ...args]: Command, koncli: string, env: NodeJS.ProcessEnv): Promise<Cost> {
  const costs: Cost[] = [];
  for (let run = 0; run < 5; run++) {
    await kubectlOutput(controlPlane, ['delete', 'waitgroup', GROUP, '--ignore-not-found']);
    await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input: batchExample('1h') });
    await exit(koncli, ['waitgroup', 'add', GROUP], env);
    const waiter = spawn(file, args, { env, stdio: 'ignore' });
    let wokeAt = 0;
    const woken = new Promise<void>((resolve) => {
      waiter.once('exit', () => {
        wokeAt = performance.now();
        resolve();
      });
    });
    // Long enough for either waiter to have opened its watch.
    await sleep(1_500);
    const megabytes = peakMegabytes(waiter.pid);
    const startedAt = performance.now();
    await exit(koncli, ['waitgroup', 'done', GROUP], env);
    await woken;
    costs.push({ milliseconds: wokeAt - startedAt, megabytes });
  }
  return costs.sort((a, b) => a.milliseconds - b.milliseconds)[2] ?? { milliseconds: 0, megabytes: 0 };
}

async function exit(file: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(file, args, { env, stdio: 'ignore' });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} exited with ${code}`);
}

function row(name: string, ours: Cost, theirs: Cost): string {
  const cost = ({ milliseconds, megabytes }: Cost) =>
    `${milliseconds.toFixed(0)} ms, ${megabytes.toFixed(0)} MB`.padEnd(20);
  const ratio = (a: number, b: number) => (b === 0 ? '-' : (a / b).toFixed(2)).padEnd(9);
  return `${name.padEnd(34)}${cost(ours)}${cost(theirs)}${ratio(ours.milliseconds, theirs.milliseconds)}${ratio(ours.megabytes, theirs.megabytes)}`;
}
