// What a command costs: wall time and peak memory, the median of several runs.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Cost {
  readonly milliseconds: number;
  /** Peak resident set; 0 where /proc does not tell. */
  readonly megabytes: number;
}

export type Command = readonly [file: string, ...args: string[]];

/** Commands are run in turn, so that both sides of a ratio meet the same noise. */
export async function compare(ours: Command, theirs: Command, runs: number, env: NodeJS.ProcessEnv) {
  const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  for (let run = 0; run < runs; run++) {
    costs.ours.push(await measure(ours, env));
    costs.theirs.push(await measure(theirs, env));
  }
  return { ours: median(costs.ours), theirs: median(costs.theirs) };
}

export async function measure([file, ...args]: Command, env: NodeJS.ProcessEnv): Promise<Cost> {
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: 'ignore' });
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
  return { milliseconds, megabytes };
}

export function peakMegabytes(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** Of each figure by itself. */
export function median(costs: readonly Cost[]): Cost {
  const middle = (of: (cost: Cost) => number) => costs.map(of).sort((a, b) => a - b)[Math.floor(costs.length / 2)] ?? 0;
  return { milliseconds: middle((cost) => cost.milliseconds), megabytes: middle((cost) => cost.megabytes) };
}
