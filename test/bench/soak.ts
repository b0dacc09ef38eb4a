// npm run bench -- soak: the operator as a Node program and as compiled by Bun, side by side before one API server, for
// KONDUCTOR_SOAK_MINUTES (20) minutes: groups are created, completed and deleted, and every connection is cut repeatedly.
// Memory, files or sockets that grow without end are a leak. This section is not run by default.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WaitGroupClient } from '@konductor/client';
import { root } from '../../scripts/root.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { sample } from '../support/cluster/prometheus.ts';
import { operatorPath } from '../support/processes/executables.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { type ProcessState, processState } from '../support/processes/process-state.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import { quantile } from './distribution.ts';
import { type Bench, openClient } from './section.ts';

const MINUTES = Number(process.env.KONDUCTOR_SOAK_MINUTES ?? 20);
/** Memory is let settle before its slope is taken. */
const WARM_UP_SHARE = 0.25;
const SAMPLE_MS = 5_000;
const CUT_MS = 20_000;
/** How often a WaitGroup is created in each namespace, and the one before it marked done. */
const GROUP_MS = 200;
const TTL = '5s';

interface Subject {
  readonly name: string;
  readonly namespace: string;
  readonly proxy: CuttingProxy;
  readonly operator: OperatorProcess;
  readonly samples: Sample[];
}

interface Sample extends ProcessState {
  readonly second: number;
}

export async function benchSoak({ controlPlane }: Bench): Promise<void> {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-b', 'schema', 'client', 'operator'], { cwd: root });
  const subjects = [
    await startSubject(controlPlane, 'Node', [process.execPath, join(root, 'operator/lib/main.js')]),
    await startSubject(controlPlane, 'Bun', [operatorPath()]),
  ];
  try {
    const end = AbortSignal.timeout(MINUTES * 60_000);
    const repeated = [
      every(SAMPLE_MS, end, () => takeSamples(subjects)),
      every(CUT_MS, end, () => cutAll(subjects)),
      every(60_000, end, () => tellProgress(subjects)),
    ];
    await Promise.all([...repeated, ...subjects.map(({ namespace }) => changeGroups(controlPlane, namespace, end))]);
    await Promise.all(subjects.map(({ namespace }) => isCollected(controlPlane, namespace)));
    takeSamples(subjects);
    await report(subjects);
  } finally {
    await Promise.all(subjects.map(stopSubject));
  }
}

async function startSubject(controlPlane: ControlPlane, name: string, command: readonly string[]): Promise<Subject> {
  const namespace = `soak-${name.toLowerCase()}`;
  await kubectlOutput(controlPlane, ['create', 'namespace', namespace]);
  const proxy = await startCuttingProxy(controlPlane.server);
  const kubeconfig = join(controlPlane.directory, `${namespace}.kubeconfig`);
  const direct = readFileSync(controlPlane.kubeconfig, 'utf8');
  writeFileSync(kubeconfig, direct.replace(controlPlane.server, proxy.url), { mode: 0o600 });
  const operator = await startOperator({ kubeconfig, command, args: [`--watch-namespace=${namespace}`] });
  return { name, namespace, proxy, operator, samples: [] };
}

async function stopSubject({ operator, proxy }: Subject): Promise<void> {
  await operator.stop();
  proxy.close();
}

async function every(intervalMs: number, end: AbortSignal, act: () => void): Promise<void> {
  while (!end.aborted) {
    act();
    await sleep(intervalMs, undefined, { signal: end }).catch(() => {});
  }
}

function takeSamples(subjects: readonly Subject[]): void {
  const second = performance.now() / 1000;
  for (const { operator, samples } of subjects) samples.push({ second, ...processState(operator.pid) });
}

function tellProgress(subjects: readonly Subject[]): void {
  const states = subjects.map(({ name, operator }) => `${name} ${JSON.stringify(processState(operator.pid))}`);
  console.error(`bench: ${states.join(', ')}`);
}

function cutAll(subjects: readonly Subject[]): void {
  for (const { proxy } of subjects) proxy.cut();
}

/** Uses a client of its own, whose connections are not cut; each WaitGroup lives for a second and its TTL. */
async function changeGroups(controlPlane: ControlPlane, namespace: string, end: AbortSignal): Promise<void> {
  const client = await openClient({ controlPlane }, namespace);
  const lives = new Set<Promise<void>>();
  for (let index = 0; !end.aborted; index++) {
    const life = live(client, `group-${index}`).finally(() => lives.delete(life));
    lives.add(life);
    await sleep(GROUP_MS);
  }
  await Promise.all(lives);
}

async function live(client: WaitGroupClient, name: string): Promise<void> {
  await client.create({ name, spec: { initialCount: 1, ttl: TTL } });
  await sleep(1_000);
  await client.done(name);
}

async function isCollected(controlPlane: ControlPlane, namespace: string): Promise<void> {
  const left = () => kubectlOutput(controlPlane, ['get', 'waitgroups', '-n', namespace, '-o', 'name']);
  await eventually(`the collection in ${namespace}`, async () => (await left()) === '', { timeoutMs: 60_000 });
}

async function report(subjects: readonly Subject[]): Promise<void> {
  console.log(`${MINUTES} minutes, ${1000 / GROUP_MS} groups/s each, every connection cut each ${CUT_MS / 1000} s`);
  const columns = await Promise.all(subjects.map(async (subject) => [subject.name, ...(await figures(subject))]));
  const memory = ['RSS first, last', 'RSS peak', 'RSS slope'];
  const names = ['', 'collected', 'watches', 'lists', 'CPU', ...memory, 'sockets', 'files'];
  for (const [row, name] of names.entries())
    console.log(name.padEnd(20) + columns.map((cells) => (cells[row] ?? '').padEnd(34)).join(''));
}

async function figures({ operator, proxy, samples }: Subject): Promise<string[]> {
  const metrics = await metricsOf(operator);
  const total = (name: string, labels = '') => String(sample(metrics, name, labels));
  const reflector = 'name="waitgroup"';
  const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const slopeOf = (of: (state: Sample) => number) => perHour(settled.map((one) => [one.second, of(one)]));
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (!first || !last) return [];
  const rss = samples.map(({ rssMegabytes }) => rssMegabytes);
  const settledRss = rss.slice(-settled.length);
  const tenth = Math.ceil(settled.length / 10);
  const medianOf = (figures: readonly number[]) => quantile(figures, 0.5).toFixed(0);
  return [
    total('konductor_waitgroup_expirations_total'),
    total('reflector_watches_total', reflector),
    total('reflector_lists_total', reflector),
    `${((100 * (last.cpuSeconds - first.cpuSeconds)) / (last.second - first.second)).toFixed(1)} % of a core`,
    `${medianOf(settledRss.slice(0, tenth))} MB, ${medianOf(settledRss.slice(-tenth))} MB`,
    `${Math.max(...rss).toFixed(0)} MB`,
    `${slopeOf(({ rssMegabytes }) => rssMegabytes)} MB/h`,
    `${last.sockets} at the end, ${slopeOf(({ sockets }) => sockets)}/h, ${proxy.openConnections} at the proxy`,
    `${last.openFiles} at the end, ${slopeOf(({ openFiles }) => openFiles)}/h`,
  ];
}

/** The slope of the line that fits the points (second, value) best. */
function perHour(points: readonly (readonly [number, number])[]): string {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([second]) => second)), mean(points.map(([, value]) => value))];
  const covariance = mean(points.map(([second, value]) => (second - x) * (value - y)));
  const variance = mean(points.map(([second]) => (second - x) ** 2));
  return ((3600 * covariance) / variance).toFixed(1);
}
