import { describe, expect, inject, it } from 'vitest';
import { withEnoughTime } from '../support/waiting/with-enough-time.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { delay, loseResponse, loseResponseAfter, reject, resetBefore, swallow } from './faults.ts';

const access = inject('controlPlane');

describe('an API server that is overloaded or unavailable', () => {
  it('is left alone for as long as it asks, and reported', async () => {
    const { proxy, client, counter } = await newFaultedGroup(access);
    proxy.onWrite(reject(429, { 'retry-after': '1' }));
    const retries: unknown[] = [];
    const startedAt = performance.now();
    await client.add('batch', 1, { onRetry: ({ name }, delayMs) => retries.push([name, delayMs]) });
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    expect(retries).toEqual([['TooManyRequestsError', expect.toSatisfy((delayMs: number) => delayMs >= 1_000)]]);
    expect(await counter()).toBe(1);
  });

  it('that rejects connections is retried until it accepts them again', async () => {
    const { proxy, client, counter } = await newFaultedGroup(access);
    proxy.refuseConnections();
    let failures = 0;
    const { promise: hasFailedThrice, resolve } = Promise.withResolvers<void>();
    const adding = client.add('batch', 1, { onRetry: () => ++failures === 3 && resolve() });
    await hasFailedThrice;
    await proxy.acceptConnections();
    await adding;
    expect(await counter()).toBe(1);
  });

  it('that is slow counts once', async () => {
    const { proxy, client, counter } = await newFaultedGroup(access);
    proxy.onRead(delay(200));
    proxy.onWrite(delay(200));
    await client.add('batch');
    expect(await counter()).toBe(1);
  });
});

describe('a create whose response is lost', () => {
  const NEW = { name: 'new' };

  it('is repeated when it did not arrive', async () => {
    const { proxy, client } = await newFaultedGroup(access);
    proxy.onCreate(reject(429), reject(503));
    expect(await client.create(NEW)).toMatchObject({ metadata: NEW });
  });

  it('is called unknown when the group exists: another client may have created it', async () => {
    const { proxy, client } = await newFaultedGroup(access);
    proxy.onCreate(loseResponse);
    await expect(client.create(NEW)).rejects.toMatchObject({ name: 'UnknownOutcomeError' });
  });

  it.each([
    ['lost', [loseResponse, ...Array(50).fill(reject(503))]],
    ['late', [swallow]],
  ])('is called unknown when time runs out: it is %s', async (_, faults) => {
    const { proxy, client } = await newFaultedGroup(access);
    proxy.onCreate(...faults);
    await expect(client.create(NEW, { timeoutMs: 500 })).rejects.toMatchObject({ name: 'UnknownOutcomeError' });
  });

  it('times out when it never arrived', async () => {
    const { proxy, client } = await newFaultedGroup(access);
    await withEnoughTime(({ timeoutMs }) => {
      proxy.onCreate(reject(429, { 'retry-after': '60' }));
      return expect(client.create(NEW, { timeoutMs })).rejects.toMatchObject({ name: 'TimedOutError' });
    });
  });
});

describe('a delete whose response is lost', () => {
  it.each([
    ['arrived', loseResponse],
    ['did not arrive', resetBefore],
  ])('deletes the group: it %s', async (_, fault) => {
    const { proxy, client, direct } = await newFaultedGroup(access);
    proxy.onDelete(fault);
    await client.delete('batch');
    await expect(direct.get('batch')).rejects.toMatchObject({ name: 'WaitGroupNotFoundError' });
  });

  it('does not touch the group that was recreated meanwhile', async () => {
    const { proxy, client, direct } = await newFaultedGroup(access);
    const { uid } = (await direct.get('batch')).metadata;
    proxy.onDelete(loseResponseAfter(() => direct.create({ name: 'batch' })));
    await client.delete('batch');
    expect((await direct.get('batch')).metadata.uid).not.toBe(uid);
  });

  it('is rejected where the group has changed since the version that it names', async () => {
    const { client, direct } = await newFaultedGroup(access);
    const { resourceVersion = '' } = (await direct.get('batch')).metadata;
    await direct.add('batch');
    await expect(client.delete('batch', { resourceVersion })).rejects.toMatchObject({ name: 'ConflictError' });
  });
});
