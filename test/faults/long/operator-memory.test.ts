// The memory of the compiled operator while users do their worst: WaitGroups and WaitGroupWorkers at all bounds of the CRDs, many
// with metadata as large as Kubernetes allows it. On a control plane of its own, because every other list would be slowed down.
import { readFileSync } from 'node:fs';
import { connect, KubeTransport, WaitGroupApi, waitGroupsPath } from '@konductor/client';
import { type WaitGroup, waitGroupNames, workerNames, workerRecordName } from '@konductor/schema';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { worstStatus } from '../../support/cluster/worst-status.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const GROUPS = 300;
/** The records of the first WaitGroup. */
const WORKERS = 2_000;
/** The limit of install.yaml. */
const LIMIT_MEGABYTES = 256;
let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane({ auditBodies: false });
  await installCrd(controlPlane);
});
afterAll(() => controlPlane.stop());

/** Kubernetes allows 256 KiB of annotations. A third of the WaitGroups fills several pages of a list. */
const largeMetadata = {
  annotations: { large: 'ä'.repeat(125_000) },
  finalizers: Array.from({ length: 100 }, (_, index) => `example.com/${index}-${'f'.repeat(50)}`),
};

/** The most that the process has used since its start, by the kernel's count, files that it maps included. */
function peakMegabytes({ pid }: OperatorProcess): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** The message of a failure is kept, and the record of a worker without a pod for a day. */
function worstWorker({ metadata: { name, uid = '' } }: WaitGroup, index: number) {
  const worker = `worker-${index}-${'n'.repeat(50)}`;
  const spec = { waitGroup: name, waitGroupUid: uid, worker, added: 0, done: 0, borrowed: 1, state: 'Failed' };
  const texts = { operation: 'o'.repeat(128), reason: 'R'.repeat(128), message: '😀'.repeat(1_024) };
  const metadata = { name: workerRecordName({ name, uid }, worker), ...(index % 20 === 0 && largeMetadata) };
  const head = { apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker' };
  return { ...head, metadata, spec: { ...spec, ...texts } };
}

async function isReconciled(operator: OperatorProcess): Promise<boolean> {
  const text = await metricsOf(operator);
  if ((sample(text, 'konductor_waitgroup_workers', 'state="Failed"') ?? 0) < WORKERS) return false;
  // A round that has failed is requeued for when its TTL expires.
  const totals = ['success', 'requeue_after'].map((result) =>
    sample(text, 'controller_runtime_reconcile_total', `controller="waitgroup",result="${result}"`),
  );
  return totals.reduce<number>((sum, total = 0) => sum + total, 0) >= GROUPS;
}

it('stays below its limit with 300 of the worst WaitGroups and 2,000 of the worst workers, also after restarts', {
  timeout: 300_000,
}, async () => {
  const kubeconfig = await installOperator(controlPlane);
  const transport = new KubeTransport(await connect({ env: { KUBECONFIG: controlPlane.kubeconfig } }));
  const api = new WaitGroupApi(transport, 'konductor-test');
  const namespace = await createNamespace(controlPlane, 'memory');
  const path = waitGroupsPath(namespace);
  const head = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup' };
  const names = Array.from({ length: GROUPS }, (_, index) => `group-${index}-${'n'.repeat(50)}`);
  const write = async ([index, name]: readonly [number, string]) => {
    const metadata = { name, ...(index % 3 === 0 && largeMetadata) };
    const body = { ...head, metadata, spec: { ttl: `${'0'.repeat(61)}1h`, initialCount: 1 } };
    const created = await transport.request<Awaited<ReturnType<typeof api.get>>>({ method: 'POST', path, body });
    await api.updateStatus(created, worstStatus() as unknown as NonNullable<typeof created.status>);
  };
  await inParallel([...names.entries()], write, 8);
  const group = await api.get(namespace, names[0] ?? '');
  const workersPath = path.replace(waitGroupNames.plural, workerNames.plural);
  const workers = Array.from({ length: WORKERS }, (_, index) => worstWorker(group, index));
  await inParallel(workers, (body) => transport.request({ method: 'POST', path: workersPath, body }));

  const peaks: number[] = [];
  for (const start of ['first', 'second', 'third']) {
    const operator = await startOperator({ kubeconfig });
    try {
      await eventually(`the reconciliations after the ${start} start`, () => isReconciled(operator), {
        timeoutMs: 90_000,
      });
      peaks.push(peakMegabytes(operator));
    } finally {
      expect(await operator.stop()).toBe(0);
    }
  }
  console.info(`peaks: ${peaks.map((peak) => `${Math.round(peak)} MB`).join(', ')}`);
  expect(Math.max(...peaks)).toBeLessThan(LIMIT_MEGABYTES);
});
