import { TimedOutError, UnknownOutcomeError, type WaitGroupClient } from '@konductor/client';
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
import { chooseFault, type FaultTable, pick, randomFrom } from './random.ts';
import { isRead, isWatch, isWrite } from './request-kinds.ts';

const access = inject('controlPlane');
const SEEDS = [20_260_102, 7];
const CLIENTS = 8;
const OPERATIONS = 12;

const FAULTS: FaultTable = [
  [isRead, 0.15, [resetBefore, reject(500), reject(429), cutResponse, delay(20)]],
  [
    isWrite,
    0.4,
    [
      resetBefore,
      loseResponse,
      cutResponse,
      sendTwice,
      delay(20),
      reject(503),
      reject(429),
      carryOutAndRespond(500),
      carryOutAndRespond(409),
    ],
  ],
  [isWatch, 0.3, [resetBefore, cutResponse, endInBand(410), endInBand(500), reject(503)]],
];

interface Tally {
  acknowledged: number;
  /** The least and the most that operations of unknown outcome can have added. */
  unknown: { min: number; max: number };
}

/** One operation after the other, each with little time; the reported changes are added up. */
async function work(client: WaitGroupClient, random: () => number, tally: Tally): Promise<void> {
  for (let n = 0; n < OPERATIONS; n++) {
    const delta = pick(random, [1, 2, 3, -1]);
    try {
      await client.add('batch', delta, { timeoutMs: 2_500 });
      tally.acknowledged += delta;
    } catch (error) {
      if (error instanceof TimedOutError) continue;
      if (!(error instanceof UnknownOutcomeError)) throw error;
      tally.unknown.min += Math.min(delta, 0);
      tally.unknown.max += Math.max(delta, 0);
    }
  }
}

describe('many clients under random faults', () => {
  it.each(SEEDS)('count exactly what they report, with seed %i', async (seed) => {
    const random = randomFrom(seed);
    const { proxy, open, counter } = await newFaultedGroup(access, 1_000);
    proxy.otherwise((request) => chooseFault(random, FAULTS, request));
    const tally: Tally = { acknowledged: 0, unknown: { min: 0, max: 0 } };
    await Promise.all(Array.from({ length: CLIENTS }, () => work(open(), random, tally)));
    expect(tally.acknowledged).toBeGreaterThan(50);
    const { min, max } = tally.unknown;
    console.info(
      `seed ${seed}: ${tally.acknowledged} acknowledged, ${min}..${max} unknown, ${await counter()} counted`,
    );
    const counted = (await counter()) - 1_000;
    expect(counted).toBeGreaterThanOrEqual(tally.acknowledged + min);
    expect(counted).toBeLessThanOrEqual(tally.acknowledged + max);
  });
});
