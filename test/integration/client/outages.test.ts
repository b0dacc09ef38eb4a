import { connect, KubeTransport, UnknownOutcomeError, WaitGroupClient } from '@konductor/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { newGroup, openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { startWait } from '../../support/cluster/started-wait.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
});
afterAll(() => plane?.stop());

/** A group with workers' clients, each with an account that can only count and wait on it. */
async function newGroupWith(initialCount: number, clients: number) {
  const { namespace, client: admin } = await newGroup(plane, { initialCount });
  const kubeconfig = await restrictedKubeconfig(plane, { namespace, rules: workerRules('batch') });
  const opening = Array.from({ length: clients }, () => openClient({ kubeconfig, namespace }));
  return { namespace, admin, workers: await Promise.all(opening) };
}

describe('a client of a cluster without the CRD', () => {
  it('reports that the resource is not served while the CRD is missing, and works once it is there', async () => {
    const client = await openClient({ kubeconfig: plane.kubeconfig });
    for (const attempt of [
      () => client.list(),
      () => client.create({ name: 'a' }),
      () => client.add('a'),
      () => client.wait('a'),
    ])
      await expect(attempt()).rejects.toMatchObject({ name: 'ResourceNotServedError' });
    await installCrd(plane);
    expect(await client.list()).toEqual([]);
  });
});

describe('a client of a cluster whose API server becomes unavailable', () => {
  beforeAll(() => installCrd(plane));

  it('waits through a restart of the API server, and is woken after it', async () => {
    const { workers } = await newGroupWith(1, 3);
    const failures: string[] = [];
    const counters: unknown[] = [];
    const waits = workers.map((worker) =>
      worker.wait('batch', {
        timeoutMs: 90_000,
        onProgress: (group) => counters.push(group),
        onRetry: ({ name }) => failures.push(name),
      }),
    );
    await expect.poll(() => counters.length).toBe(3);
    await plane.restartApiServer();
    await workers[0]?.done('batch', 1, { timeoutMs: 90_000 });
    for (const group of await Promise.all(waits)) expect(group.status).toMatchObject({ counter: 0, completions: 1 });
    expect(failures.length).toBeGreaterThan(0);
  });

  it('sends a failure through a restart of the API server, and every wait learns of it', async () => {
    const { workers } = await newGroupWith(2, 3);
    const waits = await Promise.all(workers.map((worker) => startWait(worker, { timeoutMs: 90_000 })));
    const restarting = plane.restartApiServer();
    await workers[0]?.fail('batch', { message: 'no space left' }, 1, { timeoutMs: 90_000 });
    await restarting;
    for (const { waiting } of waits)
      await expect(waiting).rejects.toMatchObject({
        name: 'WaitGroupFailedError',
        failure: { reason: 'WorkerFailed', message: 'no space left' },
      });
  });

  it('counts exactly what it reports through a restart of the API server', async () => {
    const { admin, workers } = await newGroupWith(0, 10);
    let isRestarting = true;
    const addUntilBack = async (worker: WaitGroupClient) => {
      const tally = { added: 0, unknown: 0 };
      while (isRestarting) {
        const outcome = await worker.add('batch', 1, { timeoutMs: 90_000 }).catch((error: unknown) => error);
        if (outcome instanceof UnknownOutcomeError) tally.unknown++;
        else if (outcome instanceof Error) throw outcome;
        else tally.added++;
      }
      return tally;
    };
    const adding = Promise.all(workers.map(addUntilBack));
    const counter = async () => (await admin.get('batch')).status?.counter ?? 0;
    await expect.poll(counter).toBeGreaterThan(20);
    await plane.restartApiServer();
    isRestarting = false;
    const tallies = await adding;
    const added = tallies.reduce((sum, one) => sum + one.added, 0);
    const unknown = tallies.reduce((sum, one) => sum + one.unknown, 0);
    expect(await counter()).toBeGreaterThanOrEqual(added);
    expect(await counter()).toBeLessThanOrEqual(added + unknown);
  });

  it.each(['add', 'done', 'get', 'list', 'wait'] as const)(
    'gives up in time when there is no API server: %s',
    async (verb) => {
      const connection = await connect({ kubeconfig: plane.kubeconfig, env: {} });
      const nobody = { ...connection, server: new URL('https://127.0.0.1:1') };
      const client = new WaitGroupClient(new KubeTransport(nobody), { namespace: 'default' });
      const options = { timeoutMs: 1_000 };
      const attempts = {
        add: () => client.add('batch', 1, options),
        done: () => client.done('batch', 1, options),
        get: () => client.get('batch', options),
        list: () => client.list(options),
        wait: () => client.wait('batch', options),
      };
      await expectOnceWithin(2_000, async () => {
        const startedAt = performance.now();
        await expect(attempts[verb]()).rejects.toMatchObject({
          name: 'TimedOutError',
          isServerUnavailable: true,
          message: expect.stringContaining('ECONNREFUSED'),
        });
        return performance.now() - startedAt;
      });
    },
  );
});
