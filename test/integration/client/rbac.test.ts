import { describe, expect, inject, it } from 'vitest';
import { auditEvents } from '../../support/cluster/audit.ts';
import { newGroup, openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import type { PolicyRule } from '../../support/cluster/permissions.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');

/** A group `batch`, its administrator's client, and the client of an account that has only these permissions. */
async function newGroupFor(rules: readonly PolicyRule[]) {
  const { namespace, client: admin } = await newGroup(access, { initialCount: 1 });
  const kubeconfig = await restrictedKubeconfig(access, { namespace, rules });
  return { namespace, admin, worker: await openClient({ kubeconfig, namespace }) };
}

describe('the client of an account without permissions', () => {
  it.each(['get', 'delete', 'add', 'done', 'wait'] as const)('gets a Forbidden error at once: %s', async (verb) => {
    const { worker } = await newGroupFor([]);
    await expect(worker[verb]('batch')).rejects.toMatchObject({ name: 'ForbiddenError', code: 403 });
  });

  it('changes nothing when it may read but not count', async () => {
    const { admin, worker } = await newGroupFor(workerRules('batch').slice(0, 1));
    await expect(worker.done('batch')).rejects.toMatchObject({ name: 'ForbiddenError' });
    expect((await admin.get('batch')).status).toBeUndefined();
  });
});

describe('the client of an account with permissions on one group', () => {
  it('adds, is done, fails and waits', async () => {
    const { worker } = await newGroupFor(workerRules('batch'));
    await worker.add('batch', 2);
    const waiting = worker.wait('batch', { timeoutMs: 60_000 });
    await worker.done('batch', 3);
    expect((await waiting).status).toMatchObject({ counter: 0, added: 3 });
    await worker.add('batch');
    await worker.fail('batch', { message: 'no space left' });
    await expect(worker.wait('batch')).rejects.toMatchObject({ name: 'WaitGroupFailedError' });
  });

  it('may do nothing with another group', async () => {
    const { admin, worker } = await newGroupFor(workerRules('batch'));
    await admin.create({ name: 'other' });
    for (const verb of ['get', 'add', 'wait'] as const)
      await expect(worker[verb]('other')).rejects.toMatchObject({ name: 'ForbiddenError' });
  });

  it('asks for one list and one watch while it waits, and nothing else', async () => {
    const { namespace, worker } = await newGroupFor(workerRules('batch'));
    await expect(worker.wait('batch', { timeoutMs: 5_000 })).rejects.toMatchObject({ name: 'TimedOutError' });
    const username = `system:serviceaccount:${namespace}:worker`;
    const requests = await eventually('the audit event of the watch', async () => {
      const events = await auditEvents(access, { username, stage: 'ResponseComplete' });
      return events.some(({ verb }) => verb === 'watch') && events;
    });
    expect(requests.map(({ verb, objectRef }) => [verb, objectRef?.resource, objectRef?.name])).toEqual([
      ['list', 'waitgroups', 'batch'],
      ['watch', 'waitgroups', 'batch'],
    ]);
  });
});
