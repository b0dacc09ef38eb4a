import { describe, expect, inject, it } from 'vitest';
import type { Fault } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { firstDo, loseResponse, reject, resetBefore } from './faults.ts';

const access = inject('controlPlane');

/** The outcome of each call: the counter in its result, or the error's name. */
async function outcomesOf(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((one) => (one.status === 'fulfilled' ? 'counted' : one.reason.name));
}

describe('calls that share a write whose response is lost', () => {
  it('each report their own outcome', async () => {
    const { proxy, client, counter } = await newFaultedGroup(access, 5);
    proxy.onWrite(loseResponse);
    const calls = [client.done('batch', 5), client.done('batch'), client.add('batch', 3)];
    expect(await outcomesOf(calls)).toEqual(['counted', 'CounterRejectedError', 'counted']);
    expect(await counter()).toBe(3);
  });

  it('do not hold up each other: one gives up, the others are counted, and what it asked for is not', async () => {
    const { proxy, client, counter } = await newFaultedGroup(access, 5);
    // It gives up between two attempts, when a read has shown that the first did not land.
    proxy.onWrite(reject(429, { 'retry-after': '3' }));
    const calls = [client.done('batch', 2, { timeoutMs: 2_000 }), client.add('batch', 1)];
    expect(await outcomesOf(calls)).toEqual(['TimedOutError', 'counted']);
    expect(await counter()).toBe(6);
  });

  it.each<[string, Fault, number]>([
    ['landed', loseResponse, 4],
    ['did not land', resetBefore, 16],
  ])(
    'report unknown to the one that gives up while the write is open, and settle the others: it %s',
    async (_, fault, counter) => {
      const group = await newFaultedGroup(access, 5);
      const { proxy, client, direct } = group;
      const controller = new AbortController();
      const comeFirst = async () => (fault === resetBefore ? direct.add('batch', 10) : undefined);
      proxy.onWrite(
        firstDo(comeFirst, fault),
        firstDo(async () => controller.abort(), reject(503)),
      );
      const calls = [client.done('batch', 2, { signal: controller.signal }), client.add('batch', 1)];
      expect(await outcomesOf(calls)).toEqual(['UnknownOutcomeError', 'counted']);
      // When it did not land, it is written again without the one that gave up.
      expect(await group.counter()).toBe(counter);
    },
  );
});
