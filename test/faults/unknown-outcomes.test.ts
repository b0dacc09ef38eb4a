import { describe, expect, inject, it } from 'vitest';
import type { Fault, FaultProxy } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import {
  carryOutAndRespond,
  endInBand,
  firstDo,
  loseResponse,
  loseResponseAfter,
  pass,
  reject,
  resetBefore,
  sendAgainAfter,
  sendTwice,
  stall,
  swallow,
} from './faults.ts';
import { isList, isWatch } from './request-kinds.ts';

const access = inject('controlPlane');
const newGroup = () => newFaultedGroup(access, 5);

/** The API server keeps nothing of what was: every watch and every read of the past comes too late. */
const forgetHistory: Parameters<FaultProxy['otherwise']>[0] = (request) =>
  isWatch(request) ? endInBand(410) : isList(request) ? reject(410) : undefined;

const unknown = { name: 'UnknownOutcomeError' };
const short = { timeoutMs: 1_500 };

describe('an operation whose outcome cannot be known', () => {
  it.each<[string, (work: () => Promise<unknown>) => Fault, number]>([
    ['landed', loseResponseAfter, 3],
    ['did not land', (work) => firstDo(work, resetBefore), 5],
  ])('is called unknown when twenty changes came after it and history is gone: it %s', async (_, fault, counter) => {
    const group = await newGroup();
    group.proxy.onWrite(fault(() => group.churn(20)));
    group.proxy.otherwise(forgetHistory);
    await expect(group.client.done('batch', 2)).rejects.toMatchObject(unknown);
    expect(await group.counter()).toBe(counter);
  });

  it.each<[string, Fault]>([
    ['the group is gone', reject(404)],
    ['the account may no longer write', reject(403)],
    ['the object is no longer valid', reject(422)],
  ])('is called unknown when %s before it is settled', async (_, fault) => {
    const { proxy, client } = await newGroup();
    proxy.onWrite(loseResponse, fault, fault);
    await expect(client.done('batch', 2)).rejects.toMatchObject(unknown);
  });

  it('is called unknown when a second copy of it is rejected, twenty changes came after it and history is gone', async () => {
    const { proxy, client, churn, counter } = await newGroup();
    proxy.onWrite(sendAgainAfter(() => churn(20)));
    proxy.otherwise(forgetHistory);
    await expect(client.done('batch', 2)).rejects.toMatchObject(unknown);
    expect(await counter()).toBe(3);
  });

  it('is called unknown when a second copy of it is rejected, and time runs out before the group is read', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(sendTwice);
    proxy.onRead(pass, swallow);
    await expect(client.done('batch', 2, short)).rejects.toMatchObject(unknown);
    expect(await counter()).toBe(3);
  });

  it('is called unknown when a proxy calls it too many, and time runs out before the group is read', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(carryOutAndRespond(429));
    proxy.onRead(pass, swallow);
    const done = client.done('batch', 2, short);
    await expect(done).rejects.toMatchObject(unknown);
    await expect(done).rejects.not.toThrow('nothing was changed');
    expect(await counter()).toBe(3);
  });

  it('is called unknown when a proxy calls it too many, and the caller aborts while it is settled', async () => {
    const { proxy, client, churn, counter } = await newGroup();
    proxy.onWrite(async (request) => {
      await request.forward();
      await churn(20);
      await reject(429)(request);
    });
    const controller = new AbortController();
    proxy.onWatch(firstDo(async () => controller.abort(), stall));
    await expect(client.done('batch', 2, { signal: controller.signal })).rejects.toMatchObject(unknown);
    expect(await counter()).toBe(3);
  });

  it('is called unknown when the group was deleted meanwhile', async () => {
    const { proxy, client, direct } = await newGroup();
    proxy.onWrite(loseResponseAfter(() => direct.delete('batch')));
    await expect(client.done('batch', 2)).rejects.toMatchObject(unknown);
  });

  it('is called unknown when the group was recreated meanwhile, and the new one is left alone', async () => {
    const { proxy, client, recreate, counter } = await newGroup();
    proxy.onWrite(loseResponseAfter(recreate));
    proxy.onWatch(endInBand(410));
    await expect(client.done('batch', 2)).rejects.toMatchObject(unknown);
    expect(await counter()).toBe(7);
  });

  it.each<[string, Fault, number]>([
    ['landed', carryOutAndRespond(503), 3],
    ['did not land', reject(503), 5],
    ['is still on its way', swallow, 5],
  ])('is called unknown when it is open as time runs out: it %s', async (_, fault, counter) => {
    const group = await newGroup();
    group.proxy.onWrite(fault, ...Array<Fault>(50).fill(reject(503)));
    await expect(group.client.done('batch', 2, short)).rejects.toMatchObject(unknown);
    expect(await group.counter()).toBe(counter);
  });

  it('is called unknown when the caller aborts while it is on its way', async () => {
    const { proxy, client } = await newGroup();
    const controller = new AbortController();
    proxy.onWrite(firstDo(async () => controller.abort(), swallow));
    await expect(client.done('batch', 2, { signal: controller.signal })).rejects.toMatchObject(unknown);
  });
});
