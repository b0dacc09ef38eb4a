import type { WaitGroupClient, WaitOptions } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { kubectlOutput } from '../support/kubectl.ts';
import { createNamespace } from '../support/namespaces.ts';
import { openClient } from './client-access.ts';

const access = inject('controlPlane');

async function newGroup(spec?: WaitGroup['spec']) {
  const namespace = await createNamespace(access, 'waiting');
  const client = await openClient({ kubeconfig: access.kubeconfig, namespace });
  if (spec) await client.create({ name: 'batch', spec });
  return { namespace, client };
}

/** A wait that has looked at the group for the first time. */
async function startWait(client: WaitGroupClient, options: WaitOptions = {}) {
  const { promise: hasLooked, resolve } = Promise.withResolvers<void>();
  const waiting = client.wait('batch', { timeoutMs: 20_000, ...options, onProgress: () => resolve() });
  waiting.catch(() => {});
  await Promise.race([hasLooked, waiting]);
  return { waiting };
}

describe('wait on a real API server', () => {
  it('is woken by the last done, and by no other', async () => {
    const { client, namespace } = await newGroup({ initialCount: 2 });
    const other = await openClient({ kubeconfig: access.kubeconfig, namespace });
    const counters: unknown[] = [];
    const waiting = client.wait('batch', {
      timeoutMs: 20_000,
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
    const { client } = await newGroup({ initialCount: 1 });
    const { waiting } = await startWait(client);
    await client.done('batch');
    const doneAt = performance.now();
    await waiting;
    expect(performance.now() - doneAt).toBeLessThan(1_000);
  });

  it('returns at once for a group that was never added to, as in Go', async () => {
    const { client } = await newGroup({});
    await expect(client.wait('batch')).resolves.toMatchObject({ metadata: { name: 'batch' } });
  });

  it('outlasts the time before the first add when so much is to be added', async () => {
    const { client } = await newGroup({});
    const { waiting } = await startWait(client, { minAdded: 3 });
    await client.add('batch', 1);
    await client.done('batch', 1);
    await client.add('batch', 2);
    await client.done('batch', 2);
    expect((await waiting).status).toMatchObject({ added: 3, completions: 2 });
  });

  it('does not miss a short Done between two rounds', async () => {
    const { client } = await newGroup({ initialCount: 1 });
    const { waiting } = await startWait(client);
    // Both in one write, so that no state of the group shows the zero between them.
    await Promise.all([client.done('batch'), client.add('batch', 4)]);
    expect((await waiting).status).toMatchObject({ counter: 4, completions: 1 });
  });

  it('ends when the group is deleted, with the last counter', async () => {
    const { client } = await newGroup({ initialCount: 4 });
    const { waiting } = await startWait(client);
    await client.delete('batch');
    await expect(waiting).rejects.toMatchObject({
      name: 'WaitGroupNotFoundError',
      absence: 'deleted',
      lastStatus: { counter: 4 },
    });
  });

  it('ends when the group begins to be deleted', async () => {
    const { client, namespace } = await newGroup({ initialCount: 1 });
    const finalizer = '{"metadata":{"finalizers":["example.com/hold"]}}';
    await kubectlOutput(access, ['patch', 'wg', 'batch', '-n', namespace, '--type=merge', '-p', finalizer]);
    const { waiting } = await startWait(client);
    await client.delete('batch');
    await expect(waiting).rejects.toMatchObject({ absence: 'deleted' });
  });

  it('does not go over to a group that is made anew under the same name', async () => {
    const { client } = await newGroup({ initialCount: 1 });
    const { waiting } = await startWait(client);
    await client.delete('batch');
    await client.create({ name: 'batch' });
    await expect(waiting).rejects.toMatchObject({ name: 'WaitGroupNotFoundError' });
  });
});
