import { TimedOutError, UnknownOutcomeError, type WaitGroupClient } from '@konductor/client';
import { currentStatus } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { newFaultedGroup } from './faulted-group.ts';
import {
  carryOutAndRespond,
  cutResponse,
  delay,
  endInBand,
  loseResponse,
  reject,
  resetBefore,
  sendTwice,
} from './faults.ts';
import { chooseFault, type FaultTable, inLongRun, pick, randomFrom } from './random.ts';
import { isCreate, isRead, isWatch, isWrite } from './request-kinds.ts';

const access = inject('controlPlane');
const SEEDS = inLongRun([20_260_102, 7, 20_261_130, 11], [20_260_102]);
const CLIENTS = 8;
const OPERATIONS = inLongRun(12, 4);

const WRITE_FAULTS = [
  resetBefore,
  loseResponse,
  cutResponse,
  sendTwice,
  delay(20),
  reject(503),
  reject(429),
  carryOutAndRespond(500),
  carryOutAndRespond(409),
];
const FAULTS: FaultTable = [
  [isRead, 0.15, [resetBefore, reject(500), reject(429), cutResponse, delay(20)]],
  [isWrite, 0.4, WRITE_FAULTS],
  [isCreate, 0.6, WRITE_FAULTS],
  [isWatch, 0.3, [resetBefore, cutResponse, endInBand(410), endInBand(500), reject(503)]],
];

interface Tally {
  acknowledged: number;
  /** The least and the most that operations of unknown outcome can have added. */
  unknown: { min: number; max: number };
}

const newTally = (): Tally => ({ acknowledged: 0, unknown: { min: 0, max: 0 } });

/** One operation with little time; the reported changes are added up. */
async function report(tally: Tally, delta: number, change: (limits: object) => Promise<unknown>): Promise<void> {
  try {
    await change({ timeoutMs: 2_500 });
    tally.acknowledged += delta;
  } catch (error) {
    if (error instanceof TimedOutError) return;
    if (!(error instanceof UnknownOutcomeError)) throw error;
    tally.unknown.min += Math.min(delta, 0);
    tally.unknown.max += Math.max(delta, 0);
  }
}

async function work(client: WaitGroupClient, random: () => number, tally: Tally): Promise<void> {
  for (let n = 0; n < OPERATIONS; n++) {
    const delta = pick(random, [1, 2, 3, -1]);
    await report(tally, delta, (limits) => client.add('batch', delta, limits));
  }
}

function expectExactly({ acknowledged, unknown: { min, max } }: Tally, counted: number): void {
  expect(counted).toBeGreaterThanOrEqual(acknowledged + min);
  expect(counted).toBeLessThanOrEqual(acknowledged + max);
}

describe('many clients under random faults', () => {
  it.each(SEEDS)('count exactly what they report, with seed %i', async (seed) => {
    const random = randomFrom(seed);
    const { proxy, open, counter } = await newFaultedGroup(access, 1_000);
    proxy.otherwise((request) => chooseFault(random, FAULTS, request));
    const tally = newTally();
    await Promise.all(Array.from({ length: CLIENTS }, () => work(open(), random, tally)));
    expect(tally.acknowledged).toBeGreaterThan(0);
    const { min, max } = tally.unknown;
    console.info(
      `seed ${seed}: ${tally.acknowledged} acknowledged, ${min}..${max} unknown, ${await counter()} counted`,
    );
    expectExactly(tally, (await counter()) - 1_000);
  });

  it.each(SEEDS)('count exactly what they report in groups that they create, with seed %i', async (seed) => {
    const random = randomFrom(seed);
    const { proxy, open, direct } = await newFaultedGroup(access);
    proxy.otherwise((request) => chooseFault(random, FAULTS, request));
    const clients = Array.from({ length: CLIENTS }, () => open());
    let acknowledged = 0;
    for (let n = 0; n < OPERATIONS; n++) {
      const [tally, name] = [newTally(), `new-${n}`];
      const add = (client: WaitGroupClient) => report(tally, 2, (limits) => client.addOrCreate({ name }, 2, limits));
      await Promise.all(clients.map(add));
      const created = (await direct.list()).find(({ metadata }) => metadata.name === name);
      expectExactly(tally, created ? currentStatus(created).counter : 0);
      acknowledged += tally.acknowledged;
    }
    expect(acknowledged).toBeGreaterThan(0);
  });
});
