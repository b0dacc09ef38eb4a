import { describe, expect, inject, it } from 'vitest';
import { newGroup, openClient } from '../../support/cluster/client-access.ts';
import { startWait } from '../../support/cluster/started-wait.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const access = inject('controlPlane');

describe('wait on a real API server', () => {
  it('is woken by the last done, and by no other', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 2 });
    const other = await openClient({ kubeconfig: access.kubeconfig, namespace });
    const counters: unknown[] = [];
    const waiting = client.wait('batch', {
      timeoutMs: 60_000,
      onProgress: (group) => counters.push(group?.status?.counter),
    });
    await expect.poll(() => counters.length).toBe(1);
    await other.done('batch');
    await expect.poll(() => counters).toEqual([undefined, 1]);
    await other.done('batch');
    expect((await waiting).status).toMatchObject({ counter: 0, completions: 1 });
    expect(counters).toEqual([undefined, 1]);
  });

  it('wakes within a second', async () => {
    await expectOnceWithin(1_000, async () => {
      const { client } = await newGroup(access, { initialCount: 1 });
      const { waiting } = await startWait(client);
      await client.done('batch');
      const doneAt = performance.now();
      await waiting;
      return performance.now() - doneAt;
    });
  });

  it('wakes everybody, a hundred waiters of one group', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 1 });
    const { kubeconfig } = access;
    const others = await Promise.all(Array.from({ length: 10 }, () => openClient({ kubeconfig, namespace })));
    const waits = await Promise.all(others.flatMap((other) => Array.from({ length: 10 }, () => startWait(other))));
    await client.done('batch');
    const groups = await Promise.all(waits.map(({ waiting }) => waiting));
    expect(groups.map(({ status }) => status?.counter)).toEqual(Array(100).fill(0));
  });

  it('returns at once for a group that was never added to, as in Go', async () => {
    const { client } = await newGroup(access);
    await expect(client.wait('batch')).resolves.toMatchObject({ metadata: { name: 'batch' } });
  });

  it('outlasts the time before the first add when so much is to be added', async () => {
    const { client } = await newGroup(access);
    const { waiting } = await startWait(client, { minAdded: 3 });
    await client.add('batch', 1);
    await client.done('batch', 1);
    await client.add('batch', 2);
    await client.done('batch', 2);
    expect((await waiting).status).toMatchObject({ added: 3, completions: 2 });
  });

  it('takes a round for the end only when so much was added before it ended', async () => {
    const { client } = await newGroup(access, { initialCount: 1 });
    const counters: unknown[] = [];
    const waiting = client.wait('batch', {
      timeoutMs: 60_000,
      minAdded: 3,
      onProgress: (group) => counters.push(group?.status?.counter),
    });
    await expect.poll(() => counters).toEqual([undefined]);
    // Each in one write, so that no state of the group shows the zero between them.
    await Promise.all([client.done('batch'), client.add('batch', 4)]);
    await expect.poll(() => counters).toEqual([undefined, 4]);
    await Promise.all([client.done('batch', 4), client.add('batch', 9)]);
    expect((await waiting).status).toMatchObject({ counter: 9, completions: 2, addedAtCompletion: 5 });
  });

  it('does not miss a short Done between two rounds', async () => {
    const { client } = await newGroup(access, { initialCount: 1 });
    const { waiting } = await startWait(client);
    // Both in one write, so that no state of the group shows the zero between them.
    await Promise.all([client.done('batch'), client.add('batch', 4)]);
    expect((await waiting).status).toMatchObject({ counter: 4, completions: 1 });
  });

  it('ends when the group is deleted, with the last counter', async () => {
    const { client } = await newGroup(access, { initialCount: 4 });
    const { waiting } = await startWait(client);
    await client.delete('batch');
    await expect(waiting).rejects.toMatchObject({
      name: 'WaitGroupNotFoundError',
      absence: 'deleted',
      lastStatus: { counter: 4 },
    });
  });

  it('ends when the group begins to be deleted', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 1 });
    const finalizer = '{"metadata":{"finalizers":["example.com/hold"]}}';
    await kubectlOutput(access, ['patch', 'wg', 'batch', '-n', namespace, '--type=merge', '-p', finalizer]);
    const { waiting } = await startWait(client);
    await client.delete('batch');
    await expect(waiting).rejects.toMatchObject({ absence: 'deleted' });
  });

  it('does not go over to a group that is recreated under the same name', async () => {
    const { client } = await newGroup(access, { initialCount: 1 });
    const { waiting } = await startWait(client);
    await client.delete('batch');
    await client.create({ name: 'batch' });
    await expect(waiting).rejects.toMatchObject({ name: 'WaitGroupNotFoundError' });
  });
});
