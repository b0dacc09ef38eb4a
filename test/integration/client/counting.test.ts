import { MAX_COUNTER, type WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { auditEvents } from '../../support/cluster/audit.ts';
import { newGroup, openClient } from '../../support/cluster/client-access.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const open = (namespace: string, by = 'other') => openClient({ kubeconfig: access.kubeconfig, namespace, by });

/** How many status writes the API server accepted, once `counted` of them are in the audit log. */
async function acceptedWrites(namespace: string, isLast: (counter: unknown) => boolean): Promise<number> {
  return eventually('the audit event of the last write', async () => {
    const events = await auditEvents(access, { namespace, verb: 'update', subresource: 'status' });
    const accepted = events.filter(({ responseStatus }) => responseStatus?.code === 200);
    const counters = accepted.map(({ responseObject }) => (responseObject as WaitGroup).status?.counter);
    return counters.some(isLast) && accepted.length;
  });
}

describe('add and done on a real API server', () => {
  it('leave another group alone that has taken the name of the one that is meant', async () => {
    const { client } = await newGroup(access);
    const { uid } = (await client.add('batch', 2)).group.metadata;
    await client.delete('batch');
    await client.create({ name: 'batch', spec: { initialCount: 5 } });
    const calls = [client.done('batch', 1, { uid }), client.done('batch')];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes).toMatchObject([
      { reason: { absence: 'recreated', lastStatus: undefined } },
      { status: 'fulfilled' },
    ]);
    expect((await client.get('batch')).status).toMatchObject({ counter: 4 });
  });

  it('keep counter, phase and totals in step', async () => {
    const { client } = await newGroup(access);
    expect((await client.add('batch', 3)).group.status).toMatchObject({ counter: 3, phase: 'Waiting', added: 3 });
    expect((await client.done('batch', 2)).group.status).toMatchObject({
      counter: 1,
      phase: 'Waiting',
      completions: 0,
    });
    expect((await client.add('batch', -1)).group.status).toMatchObject({
      counter: 0,
      phase: 'Done',
      added: 3,
      completions: 1,
      addedAtCompletion: 3,
    });
    expect((await client.get('batch')).status?.recentOperations?.map(({ delta }) => delta)).toEqual([-1, -2, 3]);
  });

  it('are accepted when calls at once add more than one write can', async () => {
    const { client } = await newGroup(access);
    const rounds = Array.from({ length: 3 }, () => [
      client.add('batch', MAX_COUNTER),
      client.done('batch', MAX_COUNTER),
    ]);
    await Promise.all(rounds.flat());
    expect((await client.get('batch')).status).toMatchObject({ counter: 0, added: 3 * MAX_COUNTER, completions: 3 });
  });

  it('end at the exact counter when fifty clients add and fifty are done at once', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 50 });
    const clients = await Promise.all(Array.from({ length: 50 }, () => open(namespace)));
    await Promise.all(clients.flatMap((one) => [one.add('batch', 3), one.done('batch')]));
    expect((await client.get('batch')).status).toMatchObject({ counter: 150, added: 200 });
  });

  it('need few writes for a thousand calls at once', async () => {
    const { client, namespace } = await newGroup(access);
    const first = client.add('batch');
    await Promise.all([first, ...Array.from({ length: 999 }, () => client.add('batch'))]);
    expect((await client.get('batch')).status).toMatchObject({ counter: 1_000, added: 1_000 });
    expect(await acceptedWrites(namespace, (counter) => counter === 1_000)).toBeLessThanOrEqual(3);
  });

  it('let calls that come while a write is on its way share the next one', async () => {
    const { client, namespace } = await newGroup(access);
    const first = client.add('batch');
    await new Promise(setImmediate);
    await Promise.all([first, client.add('batch'), client.add('batch')]);
    expect(await acceptedWrites(namespace, (counter) => counter === 3)).toBe(2);
  });

  it('apply the calls of one write in their order, and reject each alone', async () => {
    const { client, namespace } = await newGroup(access);
    const calls = [client.done('batch'), client.add('batch', 2), client.done('batch', 3), client.done('batch', 2)];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[0]).toMatchObject({ reason: { rejection: { reason: 'BelowZero', counter: 0, delta: -1 } } });
    expect(outcomes[2]).toMatchObject({ reason: { rejection: { reason: 'BelowZero', counter: 2, delta: -3 } } });
    expect((await client.get('batch')).status).toMatchObject({ counter: 0, added: 2, completions: 1 });
    expect(await acceptedWrites(namespace, (counter) => counter === 0)).toBe(1);
  });

  it.each([
    ['below zero', -2, { reason: 'BelowZero', counter: 1 }],
    ['above int32', 2_147_483_647, { reason: 'AboveMaximum', counter: 1 }],
    ['by half', 0.5, { reason: 'NotAnInteger' }],
  ])('write nothing when the counter would go %s', async (_, delta, rejection) => {
    const { client } = await newGroup(access);
    const { group: before } = await client.add('batch');
    await expect(client.add('batch', delta)).rejects.toMatchObject({ name: 'CounterRejectedError', rejection });
    expect((await client.get('batch')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('write nothing for a change of zero', async () => {
    const { client } = await newGroup(access);
    const { group: before } = await client.add('batch');
    expect(await client.add('batch', 0)).toEqual({ group: before, wasRepeated: false });
  });

  it('leave fields that they do not know as they are', async () => {
    const { client, namespace } = await newGroup(access, { ttl: '1h' });
    await kubectlOutput(access, ['annotate', 'wg', 'batch', 'note=kept', '-n', namespace]);
    expect((await client.add('batch')).group).toMatchObject({
      metadata: { annotations: { note: 'kept' } },
      spec: { ttl: '1h' },
    });
  });

  it('count an operation ID once, however often it comes', async () => {
    const { client, namespace } = await newGroup(access);
    const operationId = 'job-7';
    const first = await client.add('batch', 5, { operationId });
    const other = await open(namespace);
    const later = [client.add('batch', 5, { operationId }), other.add('batch', 5, { operationId })];
    const repeated = (await Promise.all(later)).map(({ wasRepeated }) => wasRepeated);
    expect([first.wasRepeated, ...repeated]).toEqual([false, true, true]);
    expect((await client.get('batch')).status).toMatchObject({ counter: 5, added: 5 });
  });

  it.each([
    ['another delta', 3],
    ['the other direction', -5],
  ])('reject an operation ID that was used for another change: %s', async (_, delta) => {
    const { client } = await newGroup(access);
    const operationId = 'job-7';
    await client.add('batch', 5, { operationId });
    const reused = client.add('batch', delta, { operationId });
    await expect(reused).rejects.toMatchObject({ name: 'OperationIdReusedError' });
    expect((await client.get('batch')).status?.counter).toBe(5);
  });

  it('count an operation ID once when it first came along with other calls', async () => {
    const { client, namespace } = await newGroup(access);
    const operationId = 'job-7';
    await Promise.all([client.add('batch', 1), client.add('batch', 5, { operationId }), client.add('batch', 1)]);
    const other = await open(namespace);
    await other.add('batch', 5, { operationId });
    expect((await client.get('batch')).status).toMatchObject({ counter: 7 });
  });

  it('count an operation ID once when it comes twice at the same time', async () => {
    const { client, namespace } = await newGroup(access);
    const clients = await Promise.all(Array.from({ length: 8 }, (_, index) => open(namespace, `pod-${index}`)));
    const adding = clients.map((one) => one.add('batch', 5, { operationId: 'job-7' }));
    expect((await Promise.all(adding)).filter(({ wasRepeated }) => !wasRepeated)).toHaveLength(1);
    expect((await client.get('batch')).status).toMatchObject({ counter: 5, added: 5 });
  });

  it('reject a group that is being deleted as not found', async () => {
    const { client, namespace } = await newGroup(access);
    const finalizer = '{"metadata":{"finalizers":["example.com/hold"]}}';
    await kubectlOutput(access, ['patch', 'wg', 'batch', '-n', namespace, '--type=merge', '-p', finalizer]);
    await client.delete('batch');
    await expect(client.add('batch')).rejects.toMatchObject({ name: 'WaitGroupNotFoundError', absence: 'deleted' });
    expect((await client.get('batch')).status).toBeUndefined();
  });
});
