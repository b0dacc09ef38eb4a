// Records that vanish with their namespace or WaitGroup, one after another, as the namespace and garbage collectors delete them: a
// waiter must never find the WaitGroup Done.
import { WaitGroupClient, WaitGroupNotFoundError } from '@konductor/client';
import type { WaitGroupWorker } from '@konductor/schema';
import { beforeAll, expect, inject, it } from 'vitest';
import { operatorWrites } from '../../support/cluster/audited-writes.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, transport } from '../../support/cluster/raw-requests.ts';
import { deleteWorker, identityOf, operate, statusOf } from '../../support/cluster/worker-records.ts';
import type { OperatorProcess } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

/** A WaitGroup with so many Active workers, all counted, and a waiter. */
async function startWorkers(workers: number, metadata: object = {}) {
  const namespace = await createNamespace(controlPlane, 'vanish');
  const group = identityOf(await create(namespace, { metadata }));
  const names = Array.from({ length: workers }, (_, index) => `worker-${index}`);
  const records = await inParallel(names, (name) => operate(group, 'add', name));
  const operator = await startOperatorIn(namespace, kubeconfig);
  await eventually('the count', async () => (await statusOf(group)).counter === workers, { timeoutMs: 60_000 });
  const waiting = new WaitGroupClient(transport, { namespace }).wait(group.name).then(
    () => 'Done',
    (error: unknown) => error,
  );
  return { namespace, group, records, operator, waiting };
}

/** Resolves when the operator has judged the WaitGroup without the record that was deleted last. */
async function judged({ log }: OperatorProcess, [last]: readonly WaitGroupWorker[], group: { uid: string }) {
  const before = log.length;
  await deleteWorker({ namespace: last?.metadata.namespace ?? '', ...group, name: '' }, last?.metadata.name ?? '');
  await eventually('a reconciliation', () =>
    log.slice(before).some(({ msg, uid }) => msg === 'reconciled' && uid === group.uid),
  );
}

it('no waiter finds the WaitGroup of a namespace Done that is deleted with 400 workers at work', {
  timeout: 180_000,
}, async () => {
  const { namespace, group, records, operator, waiting } = await startWorkers(400);
  await transport.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
  await inParallel(records.slice(1), ({ metadata }) => deleteWorker(group, metadata.name));
  await judged(operator, records, group);
  expect(await statusOf(group)).toMatchObject({ counter: 400, completions: 0 });
  await api.delete(namespace, group.name, {});
  expect(await waiting).toBeInstanceOf(WaitGroupNotFoundError);
  const writes = await operatorWrites(namespace, group.name);
  expect(writes.filter(({ status }) => status?.counter !== 400)).toEqual([]);
});

it('no waiter finds a WaitGroup Done that is deleted in the foreground, after its workers', async () => {
  const { group, records, operator, waiting } = await startWorkers(4, { finalizers: ['example.com/foreground'] });
  await api.delete(group.namespace, group.name, {});
  expect(await waiting).toBeInstanceOf(WaitGroupNotFoundError);
  await inParallel(records.slice(1), ({ metadata }) => deleteWorker(group, metadata.name));
  await judged(operator, records, group);
  expect(await statusOf(group)).toMatchObject({ counter: 4, completions: 0 });
});
