// npm run bench -- lifecycle: how late the last of a thousand groups that expire together is deleted, beside the same
// guarded deletions sent by a bare client all at once: no operator can be faster than those. The CPU time of each process
// shows how much of that is due to the machine.
import { availableParallelism } from 'node:os';
import { connect, KubeTransport, WaitGroupApi, waitGroupsPath } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { auditEvents } from '../support/cluster/audit.ts';
import { createExpiringGroups } from '../support/cluster/expiring-groups.ts';
import { serviceAccountKubeconfig } from '../support/cluster/tokens.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { startOperator } from '../support/processes/operator.ts';
import { cpuSeconds } from '../support/processes/process-state.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { inParallel } from '../support/waiting/in-parallel.ts';
import { quantile } from './distribution.ts';
import type { Bench } from './section.ts';

const GROUPS = 1_000;
const CONNECTIONS = [8, 16, 32, 64];
const ROUNDS = 3;
/** Time to create the WaitGroups while the operator reconciles them, and for its Events. */
const MARGIN_MS = 45_000;
const NAMESPACE = 'bench-expiry';

interface Parties {
  readonly bench: Bench;
  /** Makes the groups. */
  readonly admin: KubeTransport;
  /** Deletes them, by the operator's own token. */
  readonly account: KubeTransport;
}

/** One operator for all rounds: only in the first one is it as cold as after a start. */
export async function benchLifecycle(bench: Bench): Promise<void> {
  const { controlPlane } = bench;
  const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
  const kubeconfig = await serviceAccountKubeconfig(controlPlane, account);
  const open = async (path: string) => new KubeTransport(await connect({ kubeconfig: path, env: {} }));
  const parties = { bench, admin: await open(controlPlane.kubeconfig), account: await open(kubeconfig) };
  await kubectlOutput(controlPlane, ['create', 'namespace', NAMESPACE]);
  const operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${NAMESPACE}`] });
  console.log(
    `${GROUPS} groups that expire together, milliseconds until they are deleted; ${availableParallelism()} cores`,
  );
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const connections of CONNECTIONS) await floor(parties, connections, `bench-floor-${connections}-${round}`);
      await expiry(parties, operator.pid);
    }
  } finally {
    await operator.stop();
  }
}

async function floor({ bench, admin, account }: Parties, connections: number, namespace: string): Promise<void> {
  await kubectlOutput(bench.controlPlane, ['create', 'namespace', namespace]);
  const { groups } = await createExpiringGroups(admin, { namespace, count: GROUPS, marginMs: 0 });
  const api = new WaitGroupApi(account, 'konductor-bench');
  const used = startCpuMeter(bench, process.pid);
  const startedAt = performance.now();
  const deleteOne = async ({ metadata: { name, uid, resourceVersion } }: WaitGroup) => {
    await api.delete(namespace, name, { uid, resourceVersion });
    return performance.now() - startedAt;
  };
  tell(`bare client, ${connections} connections`, await inParallel(groups, deleteOne, connections), used());
}

/** Read from the API server's audit log. */
async function expiry({ bench, admin }: Parties, pid: number): Promise<void> {
  const { controlPlane } = bench;
  const deletions = () => auditEvents(controlPlane, { verb: 'delete', resource: 'waitgroups', namespace: NAMESPACE });
  const before = (await deletions()).length;
  const groups = { namespace: NAMESPACE, count: GROUPS, marginMs: MARGIN_MS };
  const { expiry } = await createExpiringGroups(admin, groups);
  const leftMs = expiry - Date.now();
  if (leftMs < 0) throw new Error('the groups expired before all of them were made');
  await new Promise((resolve) => setTimeout(resolve, leftMs));
  const used = startCpuMeter(bench, pid);
  await eventually('the collection', () => isEmpty(admin), { timeoutMs: 60_000, intervalMs: 250 });
  const cpu = used();
  const isLogged = async () => (await deletions()).length >= before + GROUPS;
  await eventually('every deletion in the audit log', isLogged);
  const late = (await deletions()).slice(before).map(({ stageTimestamp }) => Date.parse(stageTimestamp) - expiry);
  tell('operator', late, cpu);
}

async function isEmpty(admin: KubeTransport): Promise<boolean> {
  const list = { method: 'GET', path: waitGroupsPath(NAMESPACE), query: { limit: 1 } } as const;
  return (await admin.request<{ items: [] }>(list)).items.length === 0;
}

interface CpuSeconds {
  readonly servers: number;
  readonly sender: number;
}

function startCpuMeter({ controlPlane }: Bench, sender: number): () => CpuSeconds {
  const { apiServer = 0, etcd = 0 } = controlPlane.processIds;
  const read = () => ({ servers: cpuSeconds(apiServer) + cpuSeconds(etcd), sender: cpuSeconds(sender) });
  const before = read();
  return () => {
    const after = read();
    return { servers: after.servers - before.servers, sender: after.sender - before.sender };
  };
}

/** Adds the shortest time in which the cores could do it. */
function tell(what: string, late: readonly number[], { servers, sender }: CpuSeconds): void {
  const figures = [0.5, 0.99, 1].map((share) => quantile(late, share).toFixed(0).padStart(6));
  const least = ((servers + sender) / availableParallelism()).toFixed(2);
  const cpu = `CPU: API server and etcd ${servers.toFixed(2)} s, sender ${sender.toFixed(2)} s: at least ${least} s`;
  console.log(`${what.padEnd(28)}p50${figures[0]}   p99${figures[1]}   max${figures[2]}   ${cpu}`);
}
