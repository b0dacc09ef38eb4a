import { describe, expect, inject, it } from 'vitest';
import { newClient, newGroup, openClient } from '../../support/cluster/client-access.ts';
import { startWait } from '../../support/cluster/started-wait.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const access = inject('controlPlane');

describe('the limits of a wait', () => {
  it('awaits a group that appears later', async () => {
    const { client } = await newClient(access);
    const { waiting } = await startWait(client);
    await client.create({ name: 'batch', spec: { initialCount: 1 } });
    await client.done('batch');
    expect((await waiting).status).toMatchObject({ counter: 0 });
  });

  it('gives up a group that does not appear in time', async () => {
    const { client } = await newClient(access);
    const startedAt = performance.now();
    const waiting = client.wait('batch', { appearTimeoutMs: 300 });
    await expect(waiting).rejects.toMatchObject({ name: 'WaitGroupNotFoundError', absence: 'missing' });
    expect(performance.now() - startedAt).toBeGreaterThan(290);
  });

  it('no longer minds the time for appearing once the group is there', async () => {
    const { client } = await newClient(access);
    const { waiting } = await startWait(client, { appearTimeoutMs: 3_000, timeoutMs: 4_000 });
    await client.create({ name: 'batch', spec: { initialCount: 1 } });
    await expect(waiting).rejects.toMatchObject({ name: 'TimedOutError' });
  });

  it('times out with the last counter, the API server being there', async () => {
    const { client } = await newGroup(access, { initialCount: 7 });
    await withEnoughTime(({ timeoutMs, text }) =>
      expect(client.wait('batch', { timeoutMs })).rejects.toMatchObject({
        name: 'TimedOutError',
        isServerUnavailable: false,
        lastStatus: { counter: 7 },
        message: `waitgroup "batch" is not done after ${text}: the counter is 7`,
      }),
    );
  });

  it('times out with what was added, where that is too little', async () => {
    const { client } = await newGroup(access);
    await client.add('batch', 2);
    await client.done('batch', 2);
    await withEnoughTime(({ timeoutMs, text }) =>
      expect(client.wait('batch', { minAdded: 5, timeoutMs })).rejects.toThrow(
        `waitgroup "batch" is not done after ${text}: the counter is 0, added 2 of 5`,
      ),
    );
  });

  it.each([
    [
      'is pending',
      { initialCount: 1 },
      { name: 'TimedOutError', isServerUnavailable: false, lastStatus: { counter: 1 } },
    ],
    ['is missing', undefined, { name: 'WaitGroupNotFoundError', absence: 'missing' }],
  ])('looks once, without time, when the group %s', async (_, spec, expected) => {
    const { client, namespace } = await (spec ? newGroup(access, spec) : newClient(access));
    let requests = 0;
    const { kubeconfig } = access;
    const observed = await openClient({ kubeconfig, namespace, onRequest: () => requests++ });
    await expect(observed.wait('batch', { timeoutMs: 0 })).rejects.toMatchObject(expected);
    expect(requests).toBe(1);
    expect(await client.list()).toHaveLength(spec ? 1 : 0);
  });

  it('looks once, without time, and is done', async () => {
    const { client } = await newGroup(access);
    await expect(client.wait('batch', { timeoutMs: 0 })).resolves.toBeDefined();
  });

  it('ends with AbortedError when its signal fires', async () => {
    const { client } = await newGroup(access, { initialCount: 1 });
    const controller = new AbortController();
    const { waiting } = await startWait(client, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortedError' });
  });
});
