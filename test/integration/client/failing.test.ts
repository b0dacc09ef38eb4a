import type { WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { newFaultedGroup } from '../../faults/faulted-group.ts';
import { auditEvents } from '../../support/cluster/audit.ts';
import { newGroup, openClient } from '../../support/cluster/client-access.ts';
import { startWait } from '../../support/cluster/started-wait.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const report = { message: 'no space left', reason: 'DiskFull' };
const open = (namespace: string, by: string) => openClient({ kubeconfig: access.kubeconfig, namespace, by });
const failed = { name: 'WaitGroupFailedError', failure: report };

describe('fail on a real API server', () => {
  it('fails the round and marks work done in one write', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 3 });
    const worker = await open(namespace, 'worker-3');
    const { group, wasRepeated } = await worker.fail('batch', report);
    expect(wasRepeated).toBe(false);
    expect(group.status).toMatchObject({ counter: 2, outcome: 'Failed', failures: 1 });
    expect(group.status?.failure).toMatchObject({ ...report, worker: 'worker-3' });
    expect(group.status?.recentOperations).toMatchObject([{ delta: -1, by: 'worker-3' }]);
    expect(await client.get('batch')).toEqual(group);
  });

  it('fails the round without a change of the counter, and records that', async () => {
    const { client } = await newGroup(access, { initialCount: 3 });
    const { group } = await client.fail('batch', report, 0);
    expect(group.status).toMatchObject({ counter: 3, outcome: 'Failed', recentOperations: [{ delta: 0 }] });
    expect((await client.fail('batch', { message: 'late' }, 0)).group).toEqual(group);
    expect((await client.fail('batch', { message: 'late' }, 2)).group.status).toMatchObject({
      counter: 1,
      failures: 1,
      failure: report,
    });
  });

  it('is rejected when no work is outstanding, and no later round has failed', async () => {
    const { client } = await newGroup(access);
    const nothing = { name: 'CounterRejectedError', rejection: { reason: 'NothingOutstanding' } };
    await expect(client.fail('batch', report)).rejects.toMatchObject(nothing);
    await client.add('batch');
    await client.fail('batch', report);
    await expect(client.fail('batch', report)).rejects.toMatchObject(nothing);
    const { status } = (await client.add('batch')).group;
    expect(status).toMatchObject({ counter: 1, failures: 1 });
    expect(status?.outcome).toBeUndefined();
  });

  it('is exact when thirty clients fail and thirty are done at once, and the first failure stands', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 61 });
    const clients = await Promise.all(Array.from({ length: 30 }, (_, index) => open(namespace, `worker-${index}`)));
    await Promise.all(clients.flatMap((one) => [one.fail('batch', report), one.done('batch')]));
    const { status } = await client.get('batch');
    expect(status).toMatchObject({ counter: 1, failures: 1, outcome: 'Failed' });
    const events = await eventually('the audit events', async () => {
      const all = await auditEvents(access, { namespace, verb: 'update', subresource: 'status' });
      const accepted = all.filter(({ responseStatus }) => responseStatus?.code === 200);
      return accepted.length >= 60 && accepted;
    });
    const failures = events.flatMap(({ responseObject }) => (responseObject as WaitGroup).status?.failure ?? []);
    expect(failures).toEqual(failures.map(() => status?.failure));
  });

  it('counts an operation ID once, however often it comes', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 2 });
    const options = { operationId: 'job-7' };
    const other = await open(namespace, 'other');
    await client.fail('batch', report, 1, options);
    await client.done('batch');
    expect(await other.fail('batch', report, 1, options)).toMatchObject({ wasRepeated: true });
    expect((await client.get('batch')).status).toMatchObject({ counter: 0, failures: 1 });
  });
});

describe('a wait for a round that fails', () => {
  it('ends for everybody at once, while work is outstanding', async () => {
    const { client, namespace } = await newGroup(access, { initialCount: 3 });
    const others = await Promise.all(Array.from({ length: 5 }, () => open(namespace, 'waiter')));
    const waits = await Promise.all(others.flatMap((other) => [startWait(other), startWait(other)]));
    await client.fail('batch', report, 0);
    for (const { waiting } of waits)
      await expect(waiting).rejects.toMatchObject({ ...failed, lastStatus: { counter: 3 } });
  });

  it('ends at once when it begins after the failure, while work is outstanding and when none is', async () => {
    const { client } = await newGroup(access, { initialCount: 2 });
    await client.fail('batch', report);
    await expect(client.wait('batch')).rejects.toMatchObject({ ...failed, lastStatus: { counter: 1 } });
    await expect(client.wait('batch', { timeoutMs: 0 })).rejects.toMatchObject(failed);
    await client.done('batch');
    await expect(client.wait('batch')).rejects.toMatchObject({ ...failed, lastStatus: { counter: 0 } });
    await client.add('batch');
    const { waiting } = await startWait(client);
    await client.done('batch');
    await expect(waiting).resolves.toMatchObject({ status: { outcome: 'Succeeded', failures: 1 } });
  });

  it('ends when the round failed and was over, and the next one had begun, before it could be read', async () => {
    const { direct, proxy, open } = await newFaultedGroup(access, 1);
    const { waiting } = await startWait(open());
    proxy.refuseConnections();
    await direct.fail('batch', report);
    await direct.add('batch', 2);
    await proxy.acceptConnections();
    await expect(waiting).rejects.toMatchObject({
      name: 'WaitGroupFailedError',
      failure: undefined,
      lastStatus: { counter: 2 },
    });
  });

  it('is done when its round succeeded, and the next one failed before it could be read', async () => {
    const { direct, proxy, open } = await newFaultedGroup(access, 1);
    const { waiting } = await startWait(open());
    proxy.refuseConnections();
    await direct.done('batch');
    await direct.add('batch', 2);
    await direct.fail('batch', report);
    await proxy.acceptConnections();
    await expect(waiting).resolves.toMatchObject({ status: { counter: 1, completions: 1, outcome: 'Failed' } });
  });

  it('goes by the rounds in which so much was added, with minAdded', async () => {
    const { client } = await newGroup(access, { initialCount: 1 });
    await client.fail('batch', report);
    const { waiting } = await startWait(client, { minAdded: 3 });
    await client.add('batch', 2);
    await client.done('batch', 2);
    await expect(waiting).resolves.toMatchObject({ status: { added: 3, completions: 2 } });
    const later = await startWait(client, { minAdded: 9 });
    await client.add('batch');
    await client.fail('batch', report);
    await expect(later.waiting).rejects.toMatchObject(failed);
  });

  it('goes on until no work is outstanding with ignoreFailure', async () => {
    const { client } = await newGroup(access, { initialCount: 2 });
    const { waiting } = await startWait(client, { ignoreFailure: true });
    await client.fail('batch', report);
    const late = await startWait(client, { ignoreFailure: true });
    await client.done('batch');
    for (const wait of [waiting, late.waiting, client.wait('batch', { ignoreFailure: true })])
      await expect(wait).resolves.toMatchObject({ status: { counter: 0, outcome: 'Failed' } });
  });

  it('reports the failure, not the deletion that follows it', async () => {
    const { client } = await newGroup(access, { initialCount: 2 });
    const { waiting } = await startWait(client);
    const controller = new AbortController();
    const seen: unknown[] = [];
    const watching = (async () => {
      for await (const event of client.watch({ name: 'batch', signal: controller.signal })) {
        if (event.type === 'LISTED') await client.fail('batch', report).then(() => client.delete('batch'));
        else seen.push([event.type, event.object.status?.failure?.message]);
        if (event.type === 'DELETED') controller.abort();
      }
    })();
    await expect(waiting).rejects.toMatchObject(failed);
    await watching;
    expect(seen).toEqual([
      ['MODIFIED', report.message],
      ['DELETED', report.message],
    ]);
  });
});
