// The fold of workers by the compiled operator on the real API server.
import type { WaitGroup, WaitGroupStatus } from '@konductor/schema';
import { beforeAll, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, count, create } from '../../support/cluster/raw-requests.ts';
import { identityOf, operate, statusOf, workersIn } from '../../support/cluster/worker-records.ts';
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

it('counts workers beside anonymous work, and completes when both are done', async () => {
  const group = await newGroup();
  const record = await operate(group, 'add', 'one');
  const status = await reaches(group, { counter: 1, added: 1, phase: 'Waiting' });
  expect(BigInt(status.workers?.revision ?? 0)).toBeGreaterThanOrEqual(BigInt(record.metadata.resourceVersion ?? 0));
  await count(await api.get(group.namespace, group.name), 2);
  await operate(group, 'done', 'one');
  await operate(group, 'done', 'borrower');
  await reaches(group, { counter: 1, added: 3, workers: { done: 2, added: 1, finished: 1, borrowed: 1 } as never });
  await operate(group, 'fail', 'other', { message: 'broken' });
  const failed = await reaches(group, { counter: 0, completions: 1, outcome: 'Failed' });
  expect(failed.failure).toMatchObject({ reason: 'WorkerFailed', message: 'broken', worker: 'other' });
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
  await eventually('the retirement', async () => (await workersIn(group)).length === 64);
  const workersStatus = { active: 0, done: 64, failed: 0, lost: 0, added: 64, finished: 64, borrowed: 0 };
  await reaches(group, { counter: 0, added: 130, completions: 1, workers: expect.objectContaining(workersStatus) });
  await operate(group, 'add', 'worker-0', { pod: { name: 'worker-0', uid: 'again' } });
  await reaches(group, { counter: 1, added: 131 });
});
