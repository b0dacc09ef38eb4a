// npm run bench -- workers: crowds of workers with an identity that are done at once, each with a record that was Active before: when the
// last one has its response, and when it is counted, beside the time in which the same connections create as many ConfigMaps,
// and the records.
import type { KubeTransport } from '@konductor/client';
import { applyWorkerOperation } from '@konductor/schema';
import { WorkerApi } from '../../client/src/wait-group/workers/worker-api.ts';
import { auditEvents } from '../support/cluster/audit.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { cpuSeconds, peakMegabytes, rssMegabytes } from '../support/processes/process-state.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { type Connection, type Crowd, openConnections, spread, timed, workerIds } from './crowd.ts';
import { quantile } from './distribution.ts';
import { benchRetired } from './retired-workers.ts';
import type { Bench } from './section.ts';
import { watchesOf } from './wait.ts';

const NAMESPACE = 'bench-workers';
const SIZES = [100, 1_000, 10_000];
/** Each has a waiter as well. */
const CONNECTIONS = 100;
const COLUMNS = [
  'workers',
  'ConfigMaps',
  'records',
  'done',
  'counted',
  'x ConfigMaps',
  'x done',
  'folds',
  'last done to waiters',
];

export async function benchWorkers(bench: Bench): Promise<void> {
  await kubectlOutput(bench.controlPlane, ['create', 'namespace', NAMESPACE]);
  const connections = await openConnections(bench, NAMESPACE, CONNECTIONS);
  const { kubeconfig } = bench.controlPlane;
  const operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${NAMESPACE}`] });
  const crowd = { bench, namespace: NAMESPACE, connections, operator };
  try {
    console.log(row([...COLUMNS, 'operator']));
    for (const size of SIZES) console.log(row(await benchCrowd(crowd, size)));
    await benchRetired(crowd);
  } finally {
    await operator.stop();
  }
}

async function benchCrowd(crowd: Crowd, size: number): Promise<string[]> {
  const { bench, connections, operator } = crowd;
  const group = `crowd-${size}`;
  const ids = workerIds(size);
  const configMapsMs = await timed(() =>
    spread(crowd, ids, ({ transport }, id) => createConfigMap(transport, `${group}-${id}`)),
  );
  const recordsMs = await makeActive(crowd, group, ids);
  const waits = connections.map(({ client }) => client.wait(group).then(() => performance.now()));
  await watchesOf(bench, group, connections.length);
  const [cpu, writes, startedAt] = [cpuSeconds(operator.pid), await foldsOf(bench, group), performance.now()];
  await spread(crowd, ids, ({ client }, id) => client.worker(group, { id }).done());
  const doneMs = performance.now() - startedAt;
  const wokenMs = (await Promise.all(waits)).map((wokenAt) => wokenAt - startedAt);
  const countedMs = Math.min(...wokenMs);
  const wakeUps = [0.5, 1].map((share) => (quantile(wokenMs, share) - doneMs).toFixed(0));
  return [
    `${size}`,
    ...[configMapsMs, recordsMs, doneMs, countedMs].map((milliseconds) => `${(milliseconds / 1000).toFixed(2)} s`),
    ...[configMapsMs, doneMs].map((milliseconds) => (countedMs / milliseconds).toFixed(2)),
    `${(await foldsOf(bench, group)) - writes}`,
    `p50 ${wakeUps[0]} ms, max ${wakeUps[1]} ms`,
    `${(cpuSeconds(operator.pid) - cpu).toFixed(1)} s of CPU, ${memory(operator)}`,
  ];
}

/** Resolves with the time that the creates took, once the group counts them all. */
async function makeActive(crowd: Crowd, name: string, ids: readonly string[]): Promise<number> {
  const [{ client }] = crowd.connections as readonly [Connection];
  const { uid = '' } = (await client.create({ name })).metadata;
  const group = { namespace: NAMESPACE, name, uid };
  const milliseconds = await timed(() =>
    spread(crowd, ids, ({ transport }, worker) => {
      const step = applyWorkerOperation(undefined, group, { kind: 'add', id: worker, worker, round: 0 });
      if (step.kind !== 'write') throw new Error(`the table rejects the add of ${worker}`);
      return new WorkerApi(transport, 'konductor-bench').create(group, step.spec, {});
    }),
  );
  const isCounted = async () => (await client.get(name)).status?.counter === ids.length;
  await eventually(`the count of ${ids.length} workers`, isCounted, { timeoutMs: 120_000 });
  return milliseconds;
}

function createConfigMap(transport: KubeTransport, name: string): Promise<unknown> {
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text: 'x'.repeat(400) } };
  return transport.request({ method: 'POST', path, body });
}

/** The operator's writes of a group. */
async function foldsOf({ controlPlane }: Bench, name: string): Promise<number> {
  const filter = { verb: 'update', subresource: 'status', namespace: NAMESPACE, name } as const;
  return (await auditEvents(controlPlane, filter)).filter(({ responseStatus }) => responseStatus?.code === 200).length;
}

function memory({ pid }: OperatorProcess): string {
  return `RSS ${rssMegabytes(pid).toFixed(0)} MB, peak ${peakMegabytes(pid).toFixed(0)} MB`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
