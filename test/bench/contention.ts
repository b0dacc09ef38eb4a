// npm run bench -- contention: calls of done at once on one group, each by a connection (or process) of its own, beside the
// rate of one client that makes one call after the other. Each call has its response before its round ends. Processes start
// together: each is a shell that becomes koncli when its round begins.
import { spawn } from 'node:child_process';
import { auditEvents } from '../support/cluster/audit.ts';
import { resultOf } from '../support/processes/koncli-process.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { quantile } from './distribution.ts';
import { type Bench, openClient } from './section.ts';

/** So many calls at once, so many times. */
const SDK_ROUNDS = [
  { callers: 1, rounds: 200 },
  { callers: 10, rounds: 20 },
  { callers: 100, rounds: 4 },
  { callers: 1_000, rounds: 1 },
];
const KONCLI_ROUNDS: typeof SDK_ROUNDS = [
  { callers: 1, rounds: 200 },
  { callers: 200, rounds: 1 },
];

type Call = () => Promise<unknown>;

interface Contest {
  readonly name: string;
  readonly group: string;
  readonly rounds: number;
  /** The calls of one round, ready to be made. */
  readonly gather: () => readonly Call[];
}

type Prepare = (bench: Bench, callers: number, rounds: number) => Promise<Contest>;

interface Result {
  readonly name: string;
  readonly perSecond: number;
  readonly attempts: number;
  readonly latencies: readonly number[];
}

export async function benchContention(bench: Bench): Promise<void> {
  console.log(`${'callers at once'.padEnd(24)}ops/s    x serial  attempts/op  p50        p99`);
  await compareWithFirst(bench, contestOfClients, SDK_ROUNDS);
  await compareWithFirst(bench, contestOfProcesses, KONCLI_ROUNDS);
}

/** The first contest has one caller: the serial rate. */
async function compareWithFirst(bench: Bench, prepare: Prepare, sizes: typeof SDK_ROUNDS): Promise<void> {
  let serial: number | undefined;
  for (const { callers, rounds } of sizes) {
    const result = await hold(bench, await prepare(bench, callers, rounds));
    serial ??= result.perSecond;
    console.log(row(result, serial));
  }
}

/** Their connections are open, and each is a client object of its own, so that no two share a write. */
async function contestOfClients(bench: Bench, callers: number, rounds: number): Promise<Contest> {
  const group = await newGroup(bench, `bench-contention-${callers}`, callers * rounds);
  const clients = await Promise.all(Array.from({ length: callers }, () => openClient(bench)));
  await Promise.all(clients.map((client) => client.get(group)));
  const name = `${callers} SDK`;
  return { name, group, rounds, gather: () => clients.map((client) => () => client.done(group)) };
}

async function contestOfProcesses(bench: Bench, processes: number, rounds: number): Promise<Contest> {
  const group = await newGroup(bench, `bench-contention-koncli-${processes}`, processes * rounds);
  const gather = () =>
    Array.from({ length: processes }, () => holdBack(bench, ['waitgroup', 'done', group, '--timeout=10m']));
  return { name: `${processes} koncli`, group, rounds, gather };
}

/** A koncli that is forked now, and starts when it is called. */
function holdBack({ koncli, env }: Bench, args: readonly string[]): Call {
  const child = spawn('sh', ['-c', 'read go && exec "$0" "$@"', koncli, ...args], { env, stdio: 'pipe' });
  return async () => {
    child.stdin.end('\n');
    const { code, stderr } = await resultOf(child);
    if (code !== 0) throw new Error(`koncli exited with ${code}: ${stderr}`);
  };
}

async function newGroup(bench: Bench, name: string, initialCount: number): Promise<string> {
  const client = await openClient(bench);
  await client.create({ name, spec: { initialCount } });
  return name;
}

async function hold(bench: Bench, { name, group, gather, rounds }: Contest): Promise<Result> {
  const latencies: number[] = [];
  let seconds = 0;
  for (let round = 0; round < rounds; round++) {
    const calls = gather();
    const startedAt = performance.now();
    latencies.push(...(await Promise.all(calls.map(timed))));
    seconds += (performance.now() - startedAt) / 1000;
  }
  const writes = await writesUntilDone(bench, group, latencies.length);
  return { name, perSecond: latencies.length / seconds, attempts: writes / latencies.length, latencies };
}

async function timed(call: Call): Promise<number> {
  const startedAt = performance.now();
  await call();
  return performance.now() - startedAt;
}

/** All writes that were tried, once the audit log has those that were accepted. */
function writesUntilDone({ controlPlane }: Bench, name: string, accepted: number): Promise<number> {
  const tried = async () => {
    const events = await auditEvents(controlPlane, { verb: 'update', subresource: 'status', name });
    const isComplete = events.filter(({ responseStatus }) => responseStatus?.code === 200).length === accepted;
    return isComplete && events.length;
  };
  return eventually(`${accepted} writes of ${name}`, tried);
}

function row({ name, perSecond, attempts, latencies }: Result, serial: number): string {
  const [p50, p99] = [0.5, 0.99].map((share) => `${quantile(latencies, share).toFixed(0)} ms`);
  const ratio = (perSecond / serial).toFixed(2);
  const figures = [perSecond.toFixed(0), ratio, attempts.toFixed(2), p50 ?? '', p99 ?? ''];
  const widths = [9, 10, 13, 11, 0];
  return name.padEnd(24) + figures.map((figure, index) => figure.padEnd(widths[index] ?? 0)).join('');
}
