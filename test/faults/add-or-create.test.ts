import { describe, expect, inject, it } from 'vitest';
import { newFaultedGroup } from './faulted-group.ts';
import {
  carryOutAndSend,
  firstDo,
  loseResponse,
  loseResponseAfter,
  pass,
  reject,
  resetBefore,
  sendTwice,
  swallow,
} from './faults.ts';

const access = inject('controlPlane');
const NEW = { name: 'new' };

/** A namespace with a client behind a proxy, in which the group `new` does not exist. */
async function start() {
  const { proxy, client, direct } = await newFaultedGroup(access);
  const status = async () => (await direct.get('new')).status;
  return { proxy, client, direct, status, create: () => direct.create(NEW), remove: () => direct.delete('new') };
}

describe('a group that is created with its first count', () => {
  it('has the count and its record in its first status', async () => {
    const { client, proxy, status } = await start();
    const { group, wasRepeated } = await client.addOrCreate(NEW, 3, { operationId: 'op-0' });
    expect(wasRepeated).toBe(false);
    expect(group.status).toEqual(await status());
    expect(group).toMatchObject({
      spec: { initialCount: 3 },
      status: { counter: 3, added: 3, recentOperations: [{ id: 'op-0', delta: 3, by: 'unknown' }] },
    });
    expect(proxy.requests).toEqual(['GET group', 'POST list', 'PUT status']);
  });

  it.each([
    ['fails', reject(503)],
    ['is denied', reject(403)],
    ['meets that of another client', firstDo(async () => {}, reject(409))],
  ])('is counted when the write of its first status %s', async (_, fault) => {
    const { client, proxy, direct } = await start();
    // A denial is sent again once: an API server that starts may deny by mistake.
    proxy.onWrite(fault, fault);
    expect(await client.addOrCreate(NEW, 2)).toMatchObject({ group: { status: { counter: 2, added: 2 } } });
    expect((await direct.done('new', 2)).group.status).toMatchObject({ counter: 0, added: 2, completions: 1 });
  });

  it('has no count when the delta is zero', async () => {
    const { client, direct } = await start();
    await client.addOrCreate({ ...NEW, spec: { ttl: '1h' } }, 0);
    expect(await direct.get('new')).toMatchObject({ spec: { ttl: '1h' } });
    expect((await direct.get('new')).spec).not.toHaveProperty('initialCount');
  });

  it.each([
    [-1, {}, 'CounterRejectedError'],
    [2 ** 31, {}, 'CounterRejectedError'],
    [1.5, {}, 'CounterRejectedError'],
    [1, { operationId: '' }, 'RangeError'],
    [1, { operationId: 'x'.repeat(129) }, 'RangeError'],
    [1, { operationId: 'größe' }, 'RangeError'],
  ])('is not created for the delta %d with %j', async (delta, options, name) => {
    const { client, direct } = await start();
    await expect(client.addOrCreate(NEW, delta, options)).rejects.toMatchObject({ name });
    await expect(direct.get('new')).rejects.toMatchObject({ absence: 'missing' });
  });

  it('counts each of many calls at once', async () => {
    const { client, status } = await start();
    await Promise.all(Array.from({ length: 100 }, () => client.addOrCreate(NEW)));
    expect(await status()).toMatchObject({ counter: 100, added: 100 });
  });
});

describe('a repetition under the same operation ID', () => {
  it('is recognized although 16 changes came after it', async () => {
    const { client, direct, status } = await start();
    await client.addOrCreate(NEW, 2, { operationId: 'op-0' });
    for (let n = 0; n < 16; n++) await direct.add('new');
    expect((await status())?.recentOperations?.map(({ id }) => id)).not.toContain('op-0');
    expect(await client.addOrCreate(NEW, 2, { operationId: 'op-0' })).toMatchObject({ wasRepeated: true });
    expect(await client.add('new', 2, { operationId: 'op-0' })).toMatchObject({ wasRepeated: true });
    await expect(client.add('new', 3, { operationId: 'op-0' })).rejects.toMatchObject({
      name: 'OperationIdReusedError',
    });
    expect(await status()).toMatchObject({ counter: 18, added: 18 });
  });

  it('is recognized before the first status is written', async () => {
    const { client, proxy, status } = await start();
    proxy.onWrite(reject(503));
    await client.addOrCreate(NEW, 2, { operationId: 'op-0' });
    expect(await status()).toBeUndefined();
    expect(await client.addOrCreate(NEW, 2, { operationId: 'op-0' })).toMatchObject({ wasRepeated: true });
    expect(await client.addOrCreate(NEW, 1)).toMatchObject({ group: { status: { counter: 3, added: 3 } } });
  });
});

it('is repeated when another call with the same operation ID created the group first', async () => {
  const { client, direct, proxy, status } = await start();
  proxy.onCreate(firstDo(() => direct.addOrCreate(NEW, 2, { operationId: 'op-0' })));
  expect(await client.addOrCreate(NEW, 2, { operationId: 'op-0' })).toMatchObject({ wasRepeated: true });
  expect(await status()).toMatchObject({ counter: 2, added: 2 });
});

describe('a create with a count whose first response is lost', () => {
  it.each([
    ['it arrived', loseResponse],
    ['it did not arrive', resetBefore],
    ['a proxy responded in its place', carryOutAndSend('<html>welcome to this hotel</html>')],
  ])('is counted once: %s', async (_, fault) => {
    const { client, proxy, status } = await start();
    proxy.onCreate(fault);
    expect(await client.addOrCreate(NEW, 2, { operationId: 'op-0' })).toMatchObject({ wasRepeated: false });
    expect(await status()).toMatchObject({ counter: 2, added: 2 });
  });

  it('is counted once when a proxy sends it twice', async () => {
    const { client, proxy, status } = await start();
    proxy.onCreate(sendTwice);
    expect(await client.addOrCreate(NEW, 2)).toMatchObject({ wasRepeated: false });
    expect(await status()).toMatchObject({ counter: 2, added: 2 });
  });

  it('is added to the group that another client created meanwhile', async () => {
    const { client, proxy, status, create } = await start();
    proxy.onCreate(firstDo(create, resetBefore));
    await client.addOrCreate(NEW, 2);
    expect(await status()).toMatchObject({ counter: 2, added: 2 });
  });

  it.each([
    ['no response arrives in time', [swallow]],
    ['a 429 may be that of a second copy', [reject(429, { 'retry-after': '60' })]],
    ['it is denied later', [loseResponse, reject(403), reject(403)]],
  ])('is unknown when %s', async (_, faults) => {
    const { client, proxy } = await start();
    proxy.onCreate(...faults);
    await expect(client.addOrCreate(NEW, 2, { timeoutMs: 2_000 })).rejects.toMatchObject({
      name: 'UnknownOutcomeError',
      message: expect.stringContaining('a change of 2 was sent, but its outcome is unknown'),
    });
  });

  it('is unknown when the group is deleted before its creator is known', async () => {
    const { client, proxy, remove } = await start();
    proxy.onCreate(loseResponse);
    proxy.onRead(pass, firstDo(remove));
    await expect(client.addOrCreate(NEW)).rejects.toMatchObject({ name: 'UnknownOutcomeError' });
  });
});

it('creates the group again that another client created first and deleted', async () => {
  const { client, proxy, status, create, remove } = await start();
  proxy.onCreate(firstDo(create), firstDo(create));
  proxy.onRead(pass, pass, firstDo(remove), firstDo(remove));
  await client.addOrCreate(NEW, 2);
  expect(await status()).toMatchObject({ counter: 2, added: 2 });
  expect(proxy.requests.filter((request) => request === 'POST list')).toHaveLength(3);
});

it('counts in the group that exists, when the one that it created is deleted and recreated before it knows', async () => {
  const { client, proxy, direct, create, remove } = await start();
  proxy.onCreate(
    loseResponseAfter(async () => {
      await remove();
      await create();
    }),
  );
  await client.addOrCreate(NEW);
  expect((await direct.get('new')).status?.counter).toBe(1);
});
