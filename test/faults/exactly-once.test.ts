// Many operations of koncli and of the SDK through a proxy that does to them whatever can happen, while others write to the
// same WaitGroup. Each changes the counter by a number of its own, so that the API server's audit log shows of every single
// one whether, and how often, it was counted. Some of them fail the round.
import { join } from 'node:path';
import type { WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { expect, inject, it } from 'vitest';
import { describeFailure } from '../../cli/src/failure/failure.ts';
import { auditEvents } from '../support/cluster/audit.ts';
import { koncli } from '../support/processes/koncli-process.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { startWriters } from './crowd.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { chooseFault, inLongRun, randomFrom } from './random.ts';
import { hideSuccesses } from './unanswered-writes.ts';

const access = inject('controlPlane');
const SEED = 20_261_125;
/** More than all failures take off, so that it stays one round. */
const INITIAL_COUNT = 10_000_000;
const PROCESSES = { operations: inLongRun(100, 24), atOnce: 8 };
const SDK_CALLS = { operations: inLongRun(400, 96), atOnce: 24 };
const OPERATIONS = PROCESSES.operations + SDK_CALLS.operations;
/** Operations continue until the API server has accepted this many writes whose responses were lost. */
const ENOUGH_UNANSWERED = inLongRun(100, 24);
const CROWD = inLongRun({ writers: 100, pauseMs: 40_000 }, { writers: 20, pauseMs: 8_000 });
const FIRST_DELTA = 1_001;
const TOO_MANY = -2_000_000_000;
/** The run that calls through the SDK belong to: their exit code is koncli's for the error that the client throws. */
const RUN = { program: 'koncli', signal: new AbortController().signal };

interface Operation {
  readonly delta: number;
  /** Fails the round, too, and says so by its delta. */
  readonly isFailure: boolean;
  readonly timeoutMs: number;
}

interface Outcome extends Operation {
  /** koncli's, and what it says of it. */
  readonly code: number | NodeJS.Signals | null;
  readonly line: string;
}

/** Every fourth fails the round, every tenth has little time, and every twentieth asks for what is rejected. */
function operationOf(index: number): Operation {
  const isFailure = index % 4 === 1;
  const timeoutMs = index % 10 === 3 ? 1_000 : 60_000;
  if (index % 20 === 7 || index % 40 === 9) return { delta: TOO_MANY + index, isFailure, timeoutMs };
  return { delta: isFailure ? -(FIRST_DELTA + index) : FIRST_DELTA + index, isFailure, timeoutMs };
}

it(`is counted exactly as its exit code says, each of at least ${OPERATIONS} operations, whatever happens to its requests`, async () => {
  const random = randomFrom(SEED);
  const group = await newFaultedGroup(access, INITIAL_COUNT);
  const { namespace } = group.direct;
  const unanswered = { count: 0 };
  const faults = hideSuccesses(random, unanswered);
  group.proxy.otherwise((request) => chooseFault(random, faults, request));
  const kubeconfig = group.proxy.writeKubeconfig(join(access.directory, `${namespace}.kubeconfig`));

  const crowd = startWriters(access, { namespace, ...CROWD });
  const [byProcess, bySdk] = await Promise.all([
    inTurns(PROCESSES, (index) => runKoncli(kubeconfig, namespace, operationOf(index))),
    inTurns({ ...SDK_CALLS, isEnough: () => unanswered.count >= ENOUGH_UNANSWERED }, (index) =>
      callSdk(group.open(), operationOf(PROCESSES.operations + index)),
    ),
  ]);
  const otherChanges = await crowd.stop();

  const outcomes = [...byProcess, ...bySdk];
  const { landed, otherWrites } = await landedWrites(group.direct);
  print(outcomes, { landed, unanswered: unanswered.count, otherWrites });
  const counted = outcomes.map((outcome) => ({ ...outcome, counted: landed.get(outcome.delta) ?? 0 }));
  expect(counted.filter((outcome) => !isTrue(outcome))).toEqual([]);
  expect(otherWrites).toBe(otherChanges);
  const { failures, failure } = (await group.direct.get('batch')).status ?? {};
  expect(failures).toBe(1);
  expect(landed.get(Number(failure?.message))).toBe(1);
  expect(unanswered.count).toBeGreaterThanOrEqual(ENOUGH_UNANSWERED);
}, 900_000);

/** Whether the code, and the line where it says more, agree with how often the operation was counted. */
function isTrue({ code, line, counted }: Outcome & { counted: number }): boolean {
  if (code === 0) return counted === 1;
  if (code === 5 && !line.includes('nothing was changed')) return counted <= 1;
  return (code === 1 || code === 3 || code === 5) && counted === 0;
}

interface Turns {
  readonly operations: number;
  readonly atOnce: number;
  /** More operations are started until it is true. */
  readonly isEnough?: () => boolean;
}

/** So many operations, some of them at once, each begun when another ended. */
async function inTurns<T>(
  { operations, atOnce, isEnough = () => true }: Turns,
  run: (index: number) => Promise<T>,
): Promise<T[]> {
  const outcomes: T[] = [];
  let next = 0;
  const work = async () => {
    while (next < operations || !isEnough()) outcomes.push(await run(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
}

async function runKoncli(kubeconfig: string, namespace: string, operation: Operation): Promise<Outcome> {
  const { delta, isFailure, timeoutMs } = operation;
  const change = isFailure ? ['fail', '--message', `${delta}`, '--delta', `${-delta}`] : ['add', '--delta', `${delta}`];
  const args = ['wg', ...change, 'batch', '-n', namespace, '--timeout', `${timeoutMs}ms`];
  const { code, stderr } = await koncli(args, { kubeconfig });
  return { ...operation, code, line: stderr.trim().split('\n').at(-1) ?? '' };
}

async function callSdk(client: WaitGroupClient, operation: Operation): Promise<Outcome> {
  const { delta, isFailure, timeoutMs } = operation;
  try {
    if (isFailure) await client.fail('batch', { message: `${delta}` }, -delta, { timeoutMs });
    else await client.add('batch', delta, { timeoutMs });
    return { ...operation, code: 0, line: '' };
  } catch (error) {
    return { ...operation, ...describeFailure(error, RUN) };
  }
}

/**
 * What the API server accepted, by its audit log: how often each delta of an operation, and how many changes by others.
 * Together they are the counter.
 */
async function landedWrites(direct: WaitGroupClient) {
  const { namespace } = direct;
  const counter = (await direct.get('batch')).status?.counter;
  const readDeltas = async () => {
    const events = await auditEvents(access, { namespace, verb: 'update', subresource: 'status' });
    const accepted = events.filter(
      // koncli asks by a dry run whether it may count, before it reports that the counter would fall below zero.
      ({ responseStatus, requestURI }) => responseStatus?.code === 200 && !requestURI.includes('dryRun='),
    );
    const deltas = accepted.map(({ responseObject }) => newestDelta(responseObject as WaitGroup));
    return deltas.reduce((sum, delta) => sum + delta, INITIAL_COUNT) === counter && deltas;
  };
  const what = 'a counter that is the sum of all accepted writes';
  const deltas = await eventually(what, readDeltas, { timeoutMs: 20_000, intervalMs: 500 });
  const landed = new Map<number, number>();
  for (const delta of deltas.filter(isOperation)) landed.set(delta, (landed.get(delta) ?? 0) + 1);
  return { landed, otherWrites: deltas.filter((delta) => !isOperation(delta)).length };
}

const newestDelta = ({ status }: WaitGroup) => status?.recentOperations?.[0]?.delta ?? Number.NaN;
const isOperation = (delta: number) => Math.abs(delta) !== 1;

function print(
  outcomes: readonly Outcome[],
  { landed, unanswered, otherWrites }: { landed: ReadonlyMap<number, number>; unanswered: number; otherWrites: number },
): void {
  const codes = outcomes.map(({ code }) => code);
  const tally = [...new Set(codes)].sort().map((code) => `${codes.filter((one) => one === code).length} exit ${code}`);
  const unknown = outcomes.filter(({ code }) => code === 5);
  const share = ((unknown.length / outcomes.length) * 100).toFixed(1);
  console.info(
    `${outcomes.length} operations: ${tally.join(', ')}; ${landed.size} counted, ${unanswered} committed and unanswered, ` +
      `${otherWrites} other writes; exit 5: ${share} %, of which ${unknown.filter(({ delta }) => landed.has(delta)).length} had landed`,
  );
}
