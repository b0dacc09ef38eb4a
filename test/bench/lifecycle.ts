// npm run bench -- lifecycle: how late the last of a thousand groups is collected that expire together, beside the same
// guarded deletions sent by a bare client all at once: less than those no operator can need.
import { connect, KubeTransport, WaitGroupApi, waitGroupsPath } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { auditEvents } from '../support/audit.ts';
import { eventually } from '../support/eventually.ts';
import { createExpiringGroups } from '../support/expiring-groups.ts';
import { inParallel } from '../support/in-parallel.ts';
import { kubectlOutput } from '../support/kubectl.ts';
import { startOperator } from '../support/operator.ts';
import { quantile } from './distribution.ts';
import type { Bench } from './section.ts';

const GROUPS = 1_000;
const CONNECTIONS = [16, 50];
const ROUNDS = 2;
const MARGIN_MS = 10_000;

export async function benchLifecycle(bench: Bench): Promise<void> {
  const transport = new KubeTransport(await connect({ kubeconfig: bench.controlPlane.kubeconfig, env: {} }));
  console.log(`${GROUPS} groups that expire together, milliseconds until they are deleted`);
  for (let round = 0; round < ROUNDS; round++) {
    for (const connections of CONNECTIONS) {
      const namespace = await createNamespace(bench, `bench-floor-${connections}-${round}`);
      tell(`bare client, ${connections} connections`, await deleteAll(transport, namespace, connections));
    }
    tell('operator', await expire(bench, transport, await createNamespace(bench, `bench-expiry-${round}`)));
  }
}

async function createNamespace({ controlPlane }: Bench, name: string): Promise<string> {
  await kubectlOutput(controlPlane, ['create', 'namespace', name]);
  return name;
}

async function deleteAll(transport: KubeTransport, namespace: string, connections: number): Promise<number[]> {
  const api = new WaitGroupApi(transport, 'konductor-bench');
  const { groups } = await createExpiringGroups(transport, { namespace, count: GROUPS, marginMs: 0 });
  const startedAt = performance.now();
  const deleteOne = async ({ metadata: { name, uid, resourceVersion } }: WaitGroup) => {
    await api.delete(namespace, name, { uid, resourceVersion });
    return performance.now() - startedAt;
  };
  return inParallel(groups, deleteOne, connections);
}

/** By the API server's audit log. */
async function expire({ controlPlane }: Bench, transport: KubeTransport, namespace: string): Promise<number[]> {
  const { expiry } = await createExpiringGroups(transport, { namespace, count: GROUPS, marginMs: MARGIN_MS });
  const operator = await startOperator({
    kubeconfig: controlPlane.kubeconfig,
    args: [`--watch-namespace=${namespace}`],
  });
  try {
    if (Date.now() > expiry) throw new Error('the groups expired before the operator was ready');
    const path = waitGroupsPath(namespace);
    const isEmpty = async () =>
      (await transport.request<{ items: [] }>({ method: 'GET', path, query: { limit: 1 } })).items.length === 0;
    await eventually(isEmpty, { what: 'the collection', timeoutMs: 60_000, intervalMs: 250 });
    const deletions = () => auditEvents(controlPlane, { verb: 'delete', resource: 'waitgroups', namespace });
    const isLogged = async () => (await deletions()).length >= GROUPS;
    await eventually(isLogged, { what: 'every deletion in the audit log' });
    return (await deletions()).map(({ stageTimestamp }) => Date.parse(stageTimestamp) - expiry);
  } finally {
    await operator.stop();
  }
}

function tell(what: string, late: readonly number[]): void {
  const figures = [0.5, 0.99, 1].map((share) => quantile(late, share).toFixed(0).padStart(8));
  console.log(`${what.padEnd(34)}p50${figures[0]}   p99${figures[1]}   max${figures[2]}`);
}
