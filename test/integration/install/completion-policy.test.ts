// The admission policies on the status, as they are shipped: accounts that can update it count and fail, but cannot make a
// WaitGroup expire, nor change what is counted of workers with an identity.
import type { WaitGroup } from '@konductor/schema';
import { expect, inject, it } from 'vitest';
import { newGroup, openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { api, create } from '../../support/cluster/raw-requests.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const time = new Date().toISOString();
const done = { counter: 0, phase: 'Done', added: 1, completions: 1, addedAtCompletion: 1 };
const failed = {
  ...{ counter: 1, phase: 'Waiting', added: 1, outcome: 'Failed', failures: 1 },
  failure: { reason: 'WorkerFailed', message: 'no space left', worker: 'worker-3', at: time },
};
const ANY_TIMES = ['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z', time];
const DENIED =
  /Forbidden.*status\.completedAt and status\.failedAt start the TTL, so they can be set only by an account that can delete/s;

/** A WaitGroup `batch` of one worker, the worker's client, and its raw write of the status. */
async function newWorker() {
  const { namespace, client: admin } = await newGroup(access, { initialCount: 1, ttl: '1h' });
  const kubeconfig = await restrictedKubeconfig(access, { namespace, rules: workerRules('batch') });
  const worker = await openClient({ kubeconfig, namespace });
  const write = async (status: object, ...flags: string[]) => {
    const group = await admin.get('batch');
    const input = JSON.stringify({ ...group, status });
    return kubectl(access, ['replace', '--subresource=status', '-f', '-', ...flags], { kubeconfig, input });
  };
  // The API server enforces a policy a moment after it is created.
  const isEnforced = async () => (await write({ ...done, completedAt: time }, '--dry-run=server')).code !== 0;
  await eventually('the enforcement of the policy', isEnforced);
  return { namespace, admin, worker, write };
}

it('a worker cannot set completedAt: not along with the completion, and not later', async () => {
  const { admin, write } = await newWorker();
  for (const completedAt of ANY_TIMES)
    expect(await write({ ...done, completedAt })).toMatchObject({ code: 1, stderr: expect.stringMatching(DENIED) });
  expect(await write(done)).toMatchObject({ code: 0 });
  expect(await write({ ...done, completedAt: time })).toMatchObject({ code: 1, stderr: expect.stringMatching(DENIED) });
  expect((await admin.get('batch')).status).toEqual(done);
});

it('a worker can fail the round, but cannot set failedAt: not along with the failure, and not later', async () => {
  const { admin, write } = await newWorker();
  for (const failedAt of ANY_TIMES)
    expect(await write({ ...failed, failedAt })).toMatchObject({ code: 1, stderr: expect.stringMatching(DENIED) });
  expect(await write(failed)).toMatchObject({ code: 0 });
  expect(await write({ ...failed, failedAt: time })).toMatchObject({ code: 1, stderr: expect.stringMatching(DENIED) });
  expect((await admin.get('batch')).status).toEqual(failed);
});

it('a worker counts on after the operator recorded the failure, and cannot change the time', async () => {
  const { admin, worker, write } = await newWorker();
  const status = { ...failed, failedAt: time } as const;
  const group = await admin.get('batch');
  await api.updateStatus(group, status as unknown as NonNullable<WaitGroup['status']>);
  expect(await write({ ...status, failedAt: '1970-01-01T00:00:00Z' })).toMatchObject({ code: 1 });
  expect((await worker.add('batch', 2)).group.status).toMatchObject({ counter: 3, failedAt: time });
  await worker.done('batch', 3);
  expect((await worker.add('batch', 1)).group.status).not.toHaveProperty('failedAt');
});

it('a worker without an identity cannot change what is counted of those that have one, and counts on', async () => {
  const { admin, worker, write } = await newWorker();
  const workers = { active: 1, done: 0, failed: 0, lost: 0, added: 1, finished: 0, borrowed: 0, revision: '7' };
  const status = { counter: 2, phase: 'Waiting', added: 2, workers } as const;
  await api.updateStatus(await admin.get('batch'), status);
  const record = { name: 'batch.a.00000000', uid: 'a', resourceVersion: '7', added: 0, done: 0, borrowed: 0 };
  for (const forged of [
    { ...workers, finished: 1 },
    { ...workers, revision: '9' },
    { ...workers, retiring: [record] },
  ])
    expect(await write({ ...status, workers: forged })).toMatchObject({
      ...{
        code: 1,
        stderr: expect.stringMatching(/Forbidden.*status\.workers counts the workers, so it can be changed only/s),
      },
    });
  await worker.done('batch');
  expect((await worker.add('batch', 3)).group.status).toMatchObject({ counter: 4, workers });
});

it('the operator records the completion, and the worker counts on', async () => {
  const { namespace, admin, worker, write } = await newWorker();
  await startOperatorIn(namespace, await installOperator(access));
  const completed = async () => {
    const group = await admin.get('batch');
    return group.status?.completedAt !== undefined && group;
  };
  await worker.done('batch');
  const { status } = (await eventually('the completion', completed)) as WaitGroup;
  expect(await write({ ...status, completedAt: '1970-01-01T00:00:00Z' })).toMatchObject({ code: 1 });
  expect((await worker.add('batch', 2)).group.status).not.toHaveProperty('completedAt');
  await worker.done('batch', 2);
  await eventually('the next completion', completed);
  // Calls that are made at once are one write.
  await Promise.all([worker.add('batch', 1), worker.done('batch', 1)]);
  await eventually('the completion after that', completed);
});

it('an administrator restores a backup', async () => {
  const { namespace, admin } = await newWorker();
  const backup = { ...(await admin.get('batch')), status: { ...done, completedAt: time } };
  await admin.delete('batch');
  await create(namespace, { metadata: { name: 'batch' }, spec: backup.spec });
  const { resourceVersion: _, uid: __, ...metadata } = backup.metadata;
  const input = JSON.stringify({ ...backup, metadata });
  await kubectlOutput(access, ['replace', '--subresource=status', '-f', '-'], { input });
  expect((await api.get(namespace, 'batch')).status).toEqual(backup.status);
});
