// npm run bench -- operator: the compiled operator with thousands of groups: how long until its cache is synced, how much
// memory that takes, how soon it reacts to a change, and which requests it sends, as the API server counts them.
import { setTimeout as sleep } from 'node:timers/promises';
import { apiServerRequestTotal, type RequestFilter } from '../support/cluster/api-server-metrics.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { cpuSeconds, peakMegabytes, rssMegabytes } from '../support/processes/process-state.ts';
import { quantile } from './distribution.ts';
import { Population } from './population.ts';
import type { Bench } from './section.ts';

const NAMESPACE = 'bench-operator';
const SIZES = [1_000, 5_000, 10_000];
const CHANGES = 1_000;
const CHANGES_PER_SECOND = 50;
const TTL = '5s';
const IDLE_MS = 10_000;

export async function benchOperator(bench: Bench): Promise<void> {
  const { controlPlane } = bench;
  await kubectlOutput(controlPlane, ['create', 'namespace', NAMESPACE]);
  const population = await Population.open(controlPlane.kubeconfig, NAMESPACE);
  const { kubeconfig } = controlPlane;
  const start = () => startOperator({ kubeconfig, args: [`--watch-namespace=${NAMESPACE}`], readyMs: 60_000 });
  let operator = await start();
  try {
    const before = await writesOf(bench, population);
    for (const size of SIZES) {
      await population.growTo(size, TTL);
      await operator.stop();
      const startedAt = performance.now();
      operator = await start();
      tell(`${size} groups: sync`, `${(performance.now() - startedAt).toFixed(0)} ms, ${memory(operator)}`);
    }
    const initial = (await writesOf(bench, population)) - before;
    tell(`idle for ${IDLE_MS / 1000} s`, await idleCost(bench, operator));
    await benchChanges(bench, { operator, population, initial });
  } finally {
    await operator.stop();
    await population.close();
  }
}

interface Busy {
  readonly operator: OperatorProcess;
  readonly population: Population;
  /** Writes to the groups so far. */
  readonly initial: number;
}

async function benchChanges(bench: Bench, { operator, population, initial }: Busy): Promise<void> {
  const before = await writesOf(bench, population);
  const [size, cpu, startedAt] = [population.size, cpuSeconds(operator.pid), performance.now()];
  await population.complete(CHANGES, CHANGES_PER_SECOND);
  await population.shrinksTo(size - CHANGES);
  const load = (cpuSeconds(operator.pid) - cpu) / ((performance.now() - startedAt) / 1000);
  tell(`${CHANGES_PER_SECOND} changes/s: to the condition`, distribution(population.completionMs));
  tell('  the change itself, by its client', distribution(population.writeMs));
  tell('  meanwhile', `${(100 * load).toFixed(0)} % of a core, ${memory(operator)}`);
  const writes = ((await writesOf(bench, population)) - before) / CHANGES + initial / size;
  tell('writes per group and life', writes.toFixed(2));
}

/** The operator's requests for WaitGroups: what the API server counted less what the bench sent itself. */
async function writesOf({ controlPlane }: Bench, { writes }: Population): Promise<number> {
  const ofGroups: RequestFilter = { group: 'konductor.io', resource: 'waitgroups' };
  const totals = ['PUT', 'PATCH', 'DELETE'].map((verb) => apiServerRequestTotal(controlPlane, { ...ofGroups, verb }));
  return (await Promise.all(totals)).reduce((sum, total) => sum + total, 0) - writes;
}

async function idleCost({ controlPlane }: Bench, { pid }: OperatorProcess): Promise<string> {
  const ofGroups: RequestFilter = { group: 'konductor.io' };
  const [before, cpu] = [await apiServerRequestTotal(controlPlane, ofGroups), cpuSeconds(pid)];
  await sleep(IDLE_MS);
  const used = (1000 * (cpuSeconds(pid) - cpu)).toFixed(0);
  const requests = (await apiServerRequestTotal(controlPlane, ofGroups)) - before;
  return `${requests} requests for groups of any kind, ${used} ms of CPU`;
}

function memory({ pid }: OperatorProcess): string {
  return `RSS ${rssMegabytes(pid).toFixed(0)} MB, peak ${peakMegabytes(pid).toFixed(0)} MB`;
}

function distribution(milliseconds: readonly number[]): string {
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => `${quantile(milliseconds, share).toFixed(0)} ms`);
  return `p50 ${p50}, p99 ${p99}, max ${max}`;
}

function tell(what: string, figures: string): void {
  console.log(what.padEnd(34) + figures);
}
