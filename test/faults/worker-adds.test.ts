// The adds of workers through the proxy: they resolve only when the operator has counted them.
import { WaitGroupNotFoundError, type WorkerAddOptions } from '@konductor/client';
import { currentStatus, type WaitGroup } from '@konductor/schema';
import { describe, expect, inject, it } from 'vitest';
import { api } from '../support/cluster/raw-requests.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { withEnoughTime } from '../support/waiting/with-enough-time.ts';
import type { Fault } from './fault-proxy.ts';
import { cutResponse, endInBand, firstDo, reject, resetBefore, stall } from './faults.ts';
import { newFoldedGroup } from './folded-group.ts';

const access = inject('controlPlane');

type Group = Awaited<ReturnType<typeof newFoldedGroup>>;

/** An add that is recorded, and whose watch for its fold is open. */
async function startAdd(group: Group, options: WorkerAddOptions = {}) {
  const adding = group.worker().add(options);
  adding.catch(() => {});
  await eventually('the watch', () => group.proxy.requests.includes('GET watch'));
  return { adding };
}

/** The status of an operator that counts other records, but not yet those of the test. */
async function countOthers({ direct: { namespace } }: Group): Promise<WaitGroup> {
  const group = await api.get(namespace, 'batch');
  const workers = { active: 0, done: 0, failed: 0, lost: 0, added: 0, finished: 0, borrowed: 0, revision: '1' };
  return api.updateStatus(group, { ...currentStatus(group), workers });
}

describe('the add of a worker', () => {
  it('resolves when it is counted, not before', async () => {
    const group = await newFoldedGroup(access);
    const { adding } = await startAdd(group);
    let isCounted = false;
    void adding.then(() => {
      isCounted = true;
    });
    await countOthers(group);
    await group.direct.add('batch');
    expect(isCounted).toBe(false);
    await group.fold();
    expect(await adding).toMatchObject({
      outcome: 'recorded',
      group: { status: { counter: 2, workers: { added: 1 } } },
    });
  });

  it('asks for nothing more when it was counted before', async () => {
    const group = await newFoldedGroup(access);
    await group.worker().add({ onRecorded: group.fold });
    const before = group.proxy.requests.length;
    expect(await group.worker().add()).toMatchObject({ outcome: 'repeated', group: { status: { counter: 1 } } });
    expect(group.proxy.requests.slice(before)).toEqual(['GET group', 'GET record']);
  });

  it('waits also when an earlier call recorded it that was not counted yet', async () => {
    const group = await newFoldedGroup(access);
    const controller = new AbortController();
    const aborted = group.worker().add({ signal: controller.signal, onRecorded: () => controller.abort() });
    await expect(aborted).rejects.toThrow('aborted; the add is recorded, but not yet counted');
    const again = await group.worker().add({ onRecorded: group.fold });
    expect(again).toMatchObject({ outcome: 'repeated', group: { status: { counter: 1, added: 1 } } });
  });

  it.each<[string, Fault]>([
    ['is reset', resetBefore],
    ['is rejected with 503', reject(503)],
    ['is too old', endInBand(410)],
    ['is cut', cutResponse],
    ['falls silent', stall],
  ])('goes on when its watch %s', async (_, fault) => {
    const group = await newFoldedGroup(access);
    const { promise: hasFailed, resolve } = Promise.withResolvers<void>();
    group.proxy.onWatch(
      fault,
      firstDo(async () => resolve()),
    );
    const adding = group.open({ idleTimeoutMs: 1_000 }).worker('batch', { id: 'w' }).add();
    // What is cut is the first event.
    await eventually('the watch', () => group.proxy.requests.includes('GET watch'));
    await group.direct.add('batch');
    await hasFailed;
    await group.fold();
    expect((await adding).group.status?.counter).toBe(2);
  });

  it.each<[string, string, (group: Group) => Promise<unknown>]>([
    ['was deleted', 'deleted', ({ direct }) => direct.delete('batch')],
    ['was deleted and recreated', 'recreated', ({ recreate }) => recreate()],
  ])('ends when the group %s before it is counted', async (_, absence, remove) => {
    const group = await newFoldedGroup(access);
    group.proxy.onList(firstDo(() => remove(group)));
    const error = await group
      .worker()
      .add()
      .catch((error) => error);
    expect(error).toBeInstanceOf(WaitGroupNotFoundError);
    expect(error).toMatchObject({ absence });
  });

  it.each<[string, (group: Group) => Promise<unknown>]>([
    ['is deleted', ({ direct }) => direct.delete('batch')],
    ['is recreated', ({ recreate }) => recreate()],
  ])('ends when the group %s while it waits', async (_, remove) => {
    const group = await newFoldedGroup(access);
    const { adding } = await startAdd(group);
    await remove(group);
    await expect(adding).rejects.toMatchObject({ name: 'WaitGroupNotFoundError', absence: 'deleted' });
  });
});

describe('the add of a worker at its time limit', () => {
  it('is recorded, and says that the operator seems to be away', () =>
    withEnoughTime(async ({ timeoutMs, text }) => {
      const group = await newFoldedGroup(access);
      await expect(group.worker().add({ timeoutMs })).rejects.toMatchObject({
        name: 'NotYetCountedError',
        isOperatorAway: true,
        message: `waitgroup "batch": worker "w" is recorded, but not yet counted after ${text}: the operator has counted nothing meanwhile: check that it is running`,
        record: { spec: { added: 1, state: 'Active' } },
      });
      expect((await group.fold()).status?.counter).toBe(1);
    }));

  it('says that the operator is behind when it counts others', () =>
    withEnoughTime(async ({ timeoutMs }) => {
      const group = await newFoldedGroup(access);
      const { adding } = await startAdd(group, { timeoutMs });
      await countOthers(group);
      await expect(adding).rejects.toMatchObject({ name: 'NotYetCountedError', isOperatorAway: false });
    }));

  it('says that the API server is unavailable', () =>
    withEnoughTime(async ({ timeoutMs }) => {
      const group = await newFoldedGroup(access);
      const onRecorded = () => group.proxy.refuseConnections();
      await expect(group.worker().add({ timeoutMs, onRecorded })).rejects.toMatchObject({
        name: 'NotYetCountedError',
        message: expect.stringContaining('the API server is unavailable: '),
      });
    }));
});

it('keeps the work of a worker from anonymous clients, which are told whose it is', async () => {
  const group = await newFoldedGroup(access, 1);
  await group.worker().add({ onRecorded: group.fold });
  const { client } = group;
  const rejection = { reason: 'HeldByWorkers', counter: 2, delta: -2, workers: 1 };
  const message =
    'waitgroup "batch": the counter is 2, of which 1 belong to workers with an identity, which a change of -2 cannot finish; nothing was changed';
  for (const call of [client.done('batch', 2), client.set('batch', 0)])
    await expect(call).rejects.toMatchObject({ name: 'CounterRejectedError', rejection, message });
  await client.done('batch');
  await group.worker().done();
  expect((await group.fold()).status).toMatchObject({ counter: 0, completions: 1 });
});
