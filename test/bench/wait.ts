// npm run bench -- wait: from the last done to the end of the wait. The done is a call of this process over a warm
// connection, made when the waiter's watch is open. Its own two requests, a read and the write that wakes, are in every
// figure, and are shown beside them.
import { spawn } from 'node:child_process';
import type { WaitGroupClient } from '@konductor/client';
import { auditEvents } from '../support/cluster/audit.ts';
import { peakMegabytes } from '../support/processes/process-state.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { quantile } from './distribution.ts';
import { type Command, type Cost, summarize } from './process-cost.ts';
import { startResults } from './results.ts';
import { type Bench, openClient } from './section.ts';
import { printComparisons } from './table.ts';

const RUNS = 9;
const WAITERS = 100;
const ROUNDS = 5;

export async function benchWait(bench: Bench): Promise<void> {
  const client = await openClient(bench);
  await benchProcesses(bench, client);
  await benchWaiters(bench);
  await benchDone(client);
}

async function benchProcesses(bench: Bench, client: WaitGroupClient): Promise<void> {
  const save = startResults('wait');
  const costs: { ours: Cost[]; theirs: Cost[] } = { ours: [], theirs: [] };
  for (let run = 0; run < RUNS; run++) {
    const ours = `bench-wait-ours-${run}`;
    const theirs = `bench-wait-theirs-${run}`;
    const kubectlWait = ['wait', '--for=jsonpath={.status.phase}=Done', `waitgroup/${theirs}`, '--timeout=60s'];
    costs.ours.push(await wakeUp(bench, client, { group: ours, command: [bench.koncli, 'wg', 'wait', ours] }));
    costs.theirs.push(await wakeUp(bench, client, { group: theirs, command: [bench.kubectl, ...kubectlWait] }));
  }
  const name = 'koncli waitgroup wait / kubectl wait';
  const comparisons = [{ name, ours: summarize(costs.ours), theirs: summarize(costs.theirs) }];
  printComparisons(comparisons);
  save(comparisons);
}

interface Waiter {
  readonly group: string;
  readonly command: Command;
}

async function wakeUp(bench: Bench, client: WaitGroupClient, { group, command }: Waiter): Promise<Cost> {
  await client.create({ name: group });
  await client.add(group);
  const [file, ...args] = command;
  const waiter = spawn(file, args, { env: bench.env, stdio: 'ignore' });
  const woken = new Promise<number>((resolve, reject) => {
    waiter.once('error', reject);
    waiter.once('exit', (code) =>
      code === 0 ? resolve(performance.now()) : reject(new Error(`${file} exited with ${code}`)),
    );
  });
  await watchesOf(bench, group, 1);
  const megabytes = peakMegabytes(waiter.pid);
  const startedAt = performance.now();
  await client.done(group);
  return { milliseconds: (await woken) - startedAt, cpuMilliseconds: 0, megabytes };
}

/** The API server's audit log shows when the response to a watch has begun. */
export function watchesOf({ controlPlane }: Bench, name: string, count: number): Promise<boolean> {
  const selector = `fieldSelector=metadata.name%3D${name}&`;
  const filter = { verb: 'watch', stage: 'ResponseStarted', resource: 'waitgroups' } as const;
  const areOpen = async () => {
    const opened = await auditEvents(controlPlane, filter);
    return opened.filter(({ requestURI }) => `${requestURI}&`.includes(selector)).length >= count;
  };
  return eventually(`${count} watches of ${name}`, areOpen);
}

/** So many waits for one group, each by a connection of its own, all ended by one done. */
async function benchWaiters(bench: Bench): Promise<void> {
  const clients = await Promise.all(Array.from({ length: WAITERS }, () => openClient(bench)));
  const latencies: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    latencies.push(...(await wakeAll(bench, clients, `bench-wait-all-${round}`)));
  const [p50, p99, max] = [0.5, 0.99, 1].map((share) => `${quantile(latencies, share).toFixed(1)} ms`);
  console.log(`${WAITERS} SDK waiters of one group, ${ROUNDS} rounds: p50 ${p50}, p99 ${p99}, max ${max}`);
}

async function benchDone(client: WaitGroupClient): Promise<void> {
  const group = 'bench-wait-done';
  await client.create({ name: group, spec: { initialCount: RUNS } });
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const startedAt = performance.now();
    await client.done(group);
    times.push(performance.now() - startedAt);
  }
  console.log(`the done itself: p50 ${quantile(times, 0.5).toFixed(1)} ms`);
}

async function wakeAll(bench: Bench, waiters: readonly WaitGroupClient[], group: string): Promise<number[]> {
  const client = await openClient(bench);
  await client.create({ name: group, spec: { initialCount: 1 } });
  const waits = waiters.map(async (waiter) => {
    await waiter.wait(group);
    return performance.now();
  });
  await watchesOf(bench, group, waiters.length);
  const startedAt = performance.now();
  await client.done(group);
  return (await Promise.all(waits)).map((endedAt) => endedAt - startedAt);
}
