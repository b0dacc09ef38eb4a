// The ten workers: processes that work for a moment and mark it done, each with the token of its own pod and nothing more.
import { type Child, type ChildOptions, startChild } from './child.ts';

export const WORKERS = 10;

export type WorkerOptions = Omit<ChildOptions, 'stdio' | 'env'> & {
  readonly group: string;
  /** The environment of each worker. */
  readonly environments: readonly NodeJS.ProcessEnv[];
};

/** The planted fault: this worker is killed before its work is done. */
export const VICTIM = 7;

export function startWorkers({ group, environments, ...options }: WorkerOptions): Child[] {
  const script = 'sleep "$1"; exec koncli waitgroup done "$2" >/dev/null';
  return environments.map((env, index) => {
    const seconds = String(0.5 + index * 0.25);
    const args = ['-c', script, `worker-${index + 1}`, seconds, group];
    return startChild('/bin/sh', args, { ...options, env, stdio: 'inherit' });
  });
}

/** One line for each worker that did not mark its work done: what became of it. */
export async function failures(workers: readonly Child[]): Promise<string[]> {
  const ends = await Promise.all(workers.map(({ ended }) => ended));
  return ends.flatMap((end, index) => {
    if (end === 0) return [];
    const how = typeof end === 'number' ? `exited with ${end}` : `was killed (${end})`;
    return [`worker ${index + 1} ${how} before it said done`];
  });
}
