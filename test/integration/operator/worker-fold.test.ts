// The fold of workers by the compiled operator on the real API server.
import { compareRevisions, type WaitGroup, type WaitGroupStatus, type WaitGroupWorker } from '@konductor/schema';
import { beforeAll, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, count, create } from '../../support/cluster/raw-requests.ts';
import { deleteWorker, identityOf, operate, statusOf, workersIn } from '../../support/cluster/worker-records.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

type Group = ReturnType<typeof identityOf>;

async function newGroup(spec: WaitGroup['spec'] = {}): Promise<Group> {
  const namespace = await createNamespace(controlPlane, 'fold');
  await startOperatorIn(namespace, kubeconfig);
  return identityOf(await create(namespace, { spec }));
}

function reaches(group: Group, expected: Partial<WaitGroupStatus>): Promise<WaitGroupStatus> {
  const what = JSON.stringify(expected);
  return eventually(what, async () => {
    const status = await statusOf(group);
    expect(status).toMatchObject(expected);
    return status;
  });
}

function isCounted({ workers }: WaitGroupStatus, { metadata }: WaitGroupWorker): boolean {
  return compareRevisions(workers?.revision ?? '0', metadata.resourceVersion ?? '0') >= 0;
}

it('counts workers beside anonymous work, and completes when both are done', async () => {
  const group = await newGroup();
  const record = await operate(group, 'add', 'one');
  const status = await reaches(group, { counter: 1, added: 1, phase: 'Waiting' });
  expect(isCounted(status, record)).toBe(true);
  await count(await api.get(group.namespace, group.name), 2);
  await operate(group, 'done', 'one');
  await operate(group, 'done', 'borrower');
  await reaches(group, {
    counter: 1,
    added: 3,
    workers: expect.objectContaining({ done: 2, added: 1, finished: 1, borrowed: 1 }),
  });
  await operate(group, 'fail', 'other', { message: 'broken' });
  const failed = await reaches(group, { counter: 0, completions: 1, outcome: 'Failed' });
  expect(failed.failure).toMatchObject({ reason: 'WorkerFailed', message: 'broken', worker: 'other' });
});

it('counts a record that another pod has taken over: nothing else changes, and its add returns', async () => {
  const group = await newGroup();
  await operate(group, 'add', 'one', { pod: { name: 'a', uid: 'uid-a' } });
  await reaches(group, { counter: 1 });
  const taken = await operate(group, 'add', 'one', { pod: { name: 'b', uid: 'uid-b' } });
  await eventually('the count of the new pod', async () => isCounted(await statusOf(group), taken));
  expect(await statusOf(group)).toMatchObject({ counter: 1, added: 1 });
});

it('counts finished work only as far as work was added, names the workers, and the rest with the next add', async () => {
  const group = await newGroup({ initialCount: 1 });
  await Promise.all(['one', 'two', 'three'].map((worker) => operate(group, 'done', worker)));
  const overrun = await reaches(group, {
    counter: 0,
    completions: 1,
    workers: expect.objectContaining({ done: 3, borrowed: 1 }),
  });
  const condition = overrun.conditions?.find(({ type }) => type === 'Overrun');
  expect(condition).toMatchObject({ status: 'True', reason: 'DoneWithoutAdd' });
  expect(condition?.message).toMatch(/^Workers marked 2 more done than were added, among them .*three/);
  await count(await api.get(group.namespace, group.name), 3);
  const settled = await reaches(group, { counter: 1, added: 4, workers: expect.objectContaining({ borrowed: 3 }) });
  expect(settled.conditions?.map(({ type }) => type)).toEqual(['Done']);
});

it('counts nothing of a WaitGroup that had the same name', async () => {
  const old = await newGroup();
  await operate(old, 'add', 'one');
  await reaches(old, { counter: 1 });
  await api.delete(old.namespace, old.name, {});
  const group = identityOf(await create(old.namespace, {}));
  await operate(old, 'done', 'one');
  await operate(group, 'add', 'two');
  await reaches(group, { counter: 1, added: 1, workers: expect.objectContaining({ active: 1, done: 0 }) });
});

it('lowers the counter when somebody deletes the record of a worker at work', async () => {
  const group = await newGroup({ initialCount: 1 });
  const { metadata } = await operate(group, 'add', 'one');
  await reaches(group, { counter: 2 });
  await deleteWorker(group, metadata.name);
  await reaches(group, { counter: 1, added: 2, completions: 0 });
});

it('counts after a restore, although the status names a revision that its history has not reached', async () => {
  const group = await newGroup();
  await operate(group, 'add', 'one');
  await reaches(group, { counter: 1 });
  const base = await api.get(group.namespace, group.name);
  const { status } = base;
  if (!status?.workers) throw new Error('nothing is counted');
  await api.updateStatus(base, { ...status, workers: { ...status.workers, revision: '999999999999' } });
  const record = await operate(group, 'add', 'two');
  const counted = await reaches(group, { counter: 2, added: 2 });
  expect(isCounted(counted, record)).toBe(true);
  expect(counted.workers?.revision).not.toBe('999999999999');
});

it('retires records of pods that are gone, and counts on as if nothing had happened', async () => {
  const namespace = await createNamespace(controlPlane, 'fold');
  const group = identityOf(await create(namespace, {}));
  const workers = Array.from({ length: 130 }, (_, index) => `worker-${index}`);
  const work = async (worker: string) => {
    const pod = { name: worker, uid: `uid-of-${worker}` };
    await operate(group, 'add', worker, { pod });
    await operate(group, 'done', worker, { pod });
  };
  await inParallel(workers, work, 16);
  await startOperatorIn(namespace, kubeconfig);
  const { workers: counted } = await eventually('the retirement', async () => {
    const status = await statusOf(group);
    const isOver = status.workers && status.workers.done < 80 && status.workers.retiring === undefined;
    return isOver && status;
  });
  expect(counted?.done).toBeGreaterThanOrEqual(64);
  expect(counted).toMatchObject({ added: counted?.done, finished: counted?.done, borrowed: 0 });
  expect(await workersIn(group)).toHaveLength(counted?.done ?? 0);
  await reaches(group, { counter: 0, added: 130, completions: 1 });
  await operate(group, 'add', 'worker-0', { pod: { name: 'worker-0', uid: 'again' } });
  await reaches(group, { counter: 1, added: 131 });
});
