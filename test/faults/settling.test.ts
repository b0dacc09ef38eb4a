import { describe, expect, inject, it } from 'vitest';
import type { Fault } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import {
  cutResponse,
  endInBand,
  firstDo,
  loseResponse,
  loseResponseAfter,
  pass,
  reject,
  resetBefore,
  sendAgainAfter,
  stall,
} from './faults.ts';

const access = inject('controlPlane');
const newGroup = () => newFaultedGroup(access, 5);

describe('an open operation', () => {
  it('is settled by the watch, and not written again, when twenty other changes push its record off the list', async () => {
    const { proxy, client, counter, churn } = await newGroup();
    proxy.onWrite(loseResponseAfter(() => churn(20)));
    // The state right after the write, not the one twenty changes later: it is the watch that tells.
    expect((await client.done('batch', 2)).status).toMatchObject({ counter: 3, recentOperations: [{ delta: -2 }] });
    expect(await counter()).toBe(3);
    expect(proxy.requests).toEqual(['GET group', 'PUT status', 'PUT status', 'GET watch']);
  });

  it('is settled although twenty changes came after it and a proxy had sent it twice', async () => {
    const { proxy, client, counter, churn } = await newGroup();
    proxy.onWrite(sendAgainAfter(() => churn(20)));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });

  it('is settled although twenty changes came after it and a proxy had called it too many', async () => {
    const { proxy, client, counter, churn } = await newGroup();
    proxy.onWrite(async (request) => {
      await request.forward();
      await churn(20);
      await reject(429)(request);
    });
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });

  it('is settled by the watch when the group was recreated after it had landed', async () => {
    const { proxy, client, recreate, counter } = await newGroup();
    proxy.onWrite(loseResponseAfter(recreate));
    expect((await client.done('batch', 2)).status?.counter).toBe(3);
    expect(await counter()).toBe(7);
  });

  it('is known not to have counted when the group was recreated and it never landed', async () => {
    const { proxy, client, recreate, counter } = await newGroup();
    proxy.onWrite(firstDo(recreate, resetBefore));
    await expect(client.done('batch', 2)).rejects.toMatchObject({
      name: 'WaitGroupNotFoundError',
      absence: 'recreated',
    });
    expect(await counter()).toBe(7);
  });

  it('is applied again, once, when it never landed and another change came first', async () => {
    const { proxy, client, direct, counter } = await newGroup();
    proxy.onWrite(firstDo(() => direct.add('batch', 10), resetBefore));
    await client.done('batch', 2);
    expect(await counter()).toBe(13);
  });

  it('is applied again, once, when it never landed and twenty other changes came first', async () => {
    const { proxy, client, churn, counter } = await newGroup();
    proxy.onWrite(firstDo(() => churn(20), resetBefore));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });

  it('is rejected, and nothing counted, when others leave too little to take before it is applied again', async () => {
    const { proxy, client, direct, counter } = await newGroup();
    proxy.onWrite(firstDo(() => direct.done('batch', 4), resetBefore));
    await expect(client.done('batch', 2)).rejects.toMatchObject({ name: 'CounterRejectedError' });
    expect(await counter()).toBe(1);
  });

  it.each([
    ['is too old for', endInBand(410)],
    ['is too old for, said at once,', reject(410)],
    ['may not be used by the account for', reject(403)],
  ])('is settled by the list when the watch %s it', async (_, fault) => {
    const { proxy, client, direct, churn, counter } = await newGroup();
    await direct.add('batch');
    // Its own record is then the last of the list, and that of its base has fallen off.
    const landed = loseResponseAfter(() => churn(14).then(() => direct.add('batch', 10)));
    const notLanded = firstDo(() => direct.add('batch', 10), resetBefore);
    proxy.onWatch(fault, fault, fault, fault);
    proxy.onWrite(landed, pass, notLanded);
    await client.done('batch', 2);
    expect(await counter()).toBe(14);
    await client.done('batch', 2);
    expect(await counter()).toBe(22);
  });

  it.each<[string, (work: () => Promise<unknown>) => Fault]>([
    ['it landed', loseResponseAfter],
    ['it landed, and a second copy is refused', sendAgainAfter],
    ['it did not land', (work) => firstDo(work, resetBefore)],
    ['another write came first', firstDo],
  ])('is settled by the history when the watch is too old and twenty changes came after it: %s', async (_, fault) => {
    const { proxy, client, direct, churn, counter } = await newGroup();
    await direct.create({ name: 'other' });
    // Revisions that are not the group's own lie between the base and the first change after it.
    for (let n = 0; n < 9; n++) await direct.add('other');
    proxy.onWrite(fault(() => churn(20)));
    proxy.onWatch(reject(410));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
    expect(proxy.requests).toContain('GET list');
  });

  it('is applied again after a conflict and twenty other changes by an account that may neither watch nor list', async () => {
    const { proxy, client, churn, counter } = await newGroup();
    proxy.onWrite(firstDo(() => churn(20)));
    proxy.onWatch(reject(403));
    proxy.onList(reject(403));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });

  it('is settled by a second watch when the first is cut in the middle of a line', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(loseResponse);
    proxy.onWatch(cutResponse, endInBand(500));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
    expect(proxy.requests.filter((label) => label === 'GET watch')).toHaveLength(3);
  });

  it('stays within its deadline when the settling watch is silent, and reports that the outcome is unknown', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(loseResponse);
    proxy.onWatch(stall);
    await expect(client.done('batch', 2, { timeoutMs: 1_000 })).rejects.toMatchObject({ name: 'UnknownOutcomeError' });
    expect(await counter()).toBe(3);
  });
});
