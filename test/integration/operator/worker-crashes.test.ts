// The operator is killed between any two of its writes, and started again; two of them count from caches of different age. Each unit
// of work is counted once nevertheless.
import { WaitGroupClient } from '@konductor/client';
import { beforeAll, expect, inject, it } from 'vitest';
import { type Fault, type FaultProxy, startFaultProxy } from '../../faults/fault-proxy.ts';
import { pass, stall } from '../../faults/faults.ts';
import { operatorWrites } from '../../support/cluster/audited-writes.ts';
import { startImmortalOperator } from '../../support/cluster/immortal-operator.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { create, transport } from '../../support/cluster/raw-requests.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { identityOf, statusOf, workersIn } from '../../support/cluster/worker-records.ts';
import { metricsOf } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

/** A WaitGroup, a client of its workers, and a proxy before the operators that are started with its kubeconfig. */
async function newProxiedGroup() {
  const namespace = await createNamespace(controlPlane, 'crash');
  const group = identityOf(await create(namespace, {}));
  const proxy = await startFaultProxy(controlPlane, namespace);
  const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
  const token = await createToken(controlPlane, account);
  const proxied = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`, { token });
  const client = new WaitGroupClient(transport, { namespace });
  const worker = (id: string, uid = `uid-of-${id}`) => client.worker(group.name, { id, pod: { name: id, uid } });
  return { namespace, group, proxy, proxied, client, worker };
}

const LIMIT = { timeoutMs: 120_000 };

it('counts each unit of work once, and retires records, while it is killed between its writes', {
  timeout: 240_000,
}, async () => {
  const { namespace, group, proxy, proxied, client, worker } = await newProxiedGroup();
  const operator = startImmortalOperator(namespace, proxied);
  const { killBefore, killAfter } = operator;
  await worker('keeper').add(LIMIT);
  proxy.onWrite(killAfter, killBefore, pass, killAfter, pass, killBefore);
  const ids = Array.from({ length: 90 }, (_, index) => `worker-${index}`);
  await inParallel(
    ids,
    async (id) => {
      await worker(id).add(LIMIT);
      await worker(id).done(LIMIT);
      if (id.endsWith('5')) await client.add(group.name, 1, LIMIT);
    },
    24,
  );
  proxy.onWrite(killAfter, pass, killBefore);
  killDeletions(proxy, [killAfter, pass, killBefore]);
  // Some come back while their records are retired.
  await inParallel(ids.slice(0, 12), (id) => worker(id, 'again').add(LIMIT));
  await inParallel(ids.slice(0, 12), (id) => worker(id, 'again').done(LIMIT));
  await client.done(group.name, 9, LIMIT);
  await eventually('the retirement', async () => (await workersIn(group)).length < 82, LIMIT);
  await eventually('the count', async () => (await statusOf(group)).counter === 1, LIMIT);
  expect(await statusOf(group)).toMatchObject({ counter: 1, added: 112, completions: 0 });
  await worker('keeper').done(LIMIT);
  await eventually('the completion', async () => (await statusOf(group)).counter === 0, LIMIT);
  expect(await statusOf(group)).toMatchObject({ added: 112, completions: 1 });
  expect(operator.kills()).toBeGreaterThan(4);
  await operator.end();
});

function killDeletions(proxy: FaultProxy, faults: Fault[]): void {
  proxy.otherwise(({ label }) => (label === 'DELETE record' ? faults.shift() : undefined));
}

it('counts nothing from a cache that is older than what another operator has counted', {
  timeout: 120_000,
}, async () => {
  const { namespace, group, proxy, proxied, client, worker } = await newProxiedGroup();
  const young = await startOperatorIn(namespace, kubeconfig);
  const { record } = await worker('first').add(LIMIT);
  const resourceVersion = record?.metadata.resourceVersion ?? '';
  await worker('second').add(LIMIT);
  // Its first list is old, and its watch stalls: it knows one worker for ever.
  let isFirst = true;
  const listOld: Fault = (request) => {
    isFirst = false;
    request.rewriteQuery({ resourceVersion, resourceVersionMatch: 'Exact' });
    return request.pass();
  };
  proxy.otherwise(({ label }) => {
    if (label === 'GET records watch') return stall;
    return label === 'GET records' && isFirst ? listOld : undefined;
  });
  const old = await startOperatorIn(namespace, proxied);
  await worker('third').add(LIMIT);
  await client.add(group.name, 1, LIMIT);
  const lists = async () => sample(await metricsOf(old), 'konductor_waitgroup_worker_relists_total', '');
  await eventually('a list of the old operator', lists);
  process.kill(young.pid, 'SIGKILL');
  await young.exited;
  // Only a change of the WaitGroup wakes it.
  const adding = worker('fourth').add({ ...LIMIT, onRecorded: () => void client.add(group.name, 1, LIMIT) });
  await adding;
  expect(await statusOf(group)).toMatchObject({ counter: 6, added: 6, completions: 0 });
  const counters = (await operatorWrites(namespace, group.name)).map(({ status }) => status?.counter ?? 0);
  expect(counters).toEqual(counters.toSorted((a, b) => a - b));
});
