// What a command costs: wall time, CPU time and peak memory, over several runs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { peakMegabytes } from '../support/processes/process-state.ts';
import { quantile } from './distribution.ts';

/** The cost of one run. Where /proc does not tell, CPU time and memory are 0. */
export interface Cost {
  readonly milliseconds: number;
  /** User and system time of all threads, in steps of 10 ms. */
  readonly cpuMilliseconds: number;
  /** Peak resident set. */
  readonly megabytes: number;
}

/** The cost of many runs. On a busy machine, the fastest run and the CPU time say the most. */
export interface Costs {
  readonly median: number;
  readonly fastest: number;
  /** Mean: the steps of single runs are too coarse for a median. */
  readonly cpu: number;
  readonly megabytes: number;
}

export type Command = readonly [file: string, ...args: string[]];

/** Another one for each run, where the same would change nothing the second time. */
export type CommandOfRun = (run: number) => Command;

/** Commands are run in turn, so that both sides of a ratio meet the same noise. */
export async function compare(ours: Command, theirs: CommandOfRun, runs: number, env: NodeJS.ProcessEnv) {
  const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  for (const command of [ours, theirs(runs)]) await measure(command, env);
  for (let run = 0; run < runs; run++) {
    costs.ours.push(await measure(ours, env));
    costs.theirs.push(await measure(theirs(run), env));
  }
  return { ours: summarize(costs.ours), theirs: summarize(costs.theirs) };
}

export function summarize(costs: readonly Cost[]): Costs {
  const [milliseconds, megabytes] = [costs.map((cost) => cost.milliseconds), costs.map((cost) => cost.megabytes)];
  return {
    median: quantile(milliseconds, 0.5),
    fastest: quantile(milliseconds, 0),
    cpu: costs.reduce((sum, { cpuMilliseconds }) => sum + cpuMilliseconds, 0) / costs.length,
    megabytes: quantile(megabytes, 0.5),
  };
}

/** Its stdout is a pipe, as in a script or a container. */
async function measure([file, ...args]: Command, env: NodeJS.ProcessEnv): Promise<Cost> {
  const cpuBefore = cpuOfChildren();
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.resume();
  let megabytes = 0;
  const sampling = setInterval(() => {
    megabytes = Math.max(megabytes, peakMegabytes(child.pid));
  }, 2);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const milliseconds = performance.now() - startedAt;
  clearInterval(sampling);
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} exited with ${code}`);
  return { milliseconds, cpuMilliseconds: cpuOfChildren() - cpuBefore, megabytes };
}

/** CPU time of the children of this process that have ended: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, 16 and 17. */
function cpuOfChildren(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ticks = Number(fields[13]) + Number(fields[14]);
    return ticks * 10;
  } catch {
    return 0;
  }
}
