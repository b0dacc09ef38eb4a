// npm run bench -- hold: pods that wait for a WaitGroup, let go by the last done: when the API server has carried out the first and
// the last patch after it, beside the time in which one client sends as many patches with as many at once.
import type { KubeTransport } from '@konductor/client';
import { type AuditEvent, auditEvents } from '../support/cluster/audit.ts';
import { createHeldPod } from '../support/pods/held-workloads.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { type OperatorProcess, startOperator } from '../support/processes/operator.ts';
import { cpuSeconds, peakMegabytes, rssMegabytes } from '../support/processes/process-state.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { inParallel } from '../support/waiting/in-parallel.ts';
import { timed } from './crowd.ts';
import { type Bench, openClient, openTransport } from './section.ts';

const SIZES = [100, 1_000, 10_000];
/** As many patches as the operator sends at once. */
const AT_ONCE = 16;
const COLUMNS = ['held pods', 'patches', 'one client', 'first let go', 'last let go', 'x one client', 'operator'];

export async function benchHold(bench: Bench): Promise<void> {
  const { kubeconfig } = bench.controlPlane;
  const namespaces = SIZES.map((size) => `bench-hold-${size}`);
  for (const namespace of namespaces) await kubectlOutput(bench.controlPlane, ['create', 'namespace', namespace]);
  const operator = await startOperator({ kubeconfig });
  try {
    for (const cells of [COLUMNS, COLUMNS.map(() => '---')]) console.log(row(cells));
    for (const size of SIZES) console.log(row(await benchSize(bench, operator, size)));
  } finally {
    await operator.stop();
  }
}

async function benchSize(bench: Bench, operator: OperatorProcess, size: number): Promise<string[]> {
  const namespace = `bench-hold-${size}`;
  const client = await openClient(bench, namespace);
  await client.create({ name: 'group', spec: { initialCount: 1 } });
  const names = Array.from({ length: size }, (_, index) => `pod-${index}`);
  await inParallel(names, (name) => createHeldPod(bench.controlPlane, 'group', { namespace, name }), AT_ONCE);
  const transport = await openTransport(bench);
  const ownMs = await timed(() => inParallel(names, (name) => annotate(transport, { namespace, name }), AT_ONCE));
  const cpu = cpuSeconds(operator.pid);
  const startedAt = Date.now();
  await client.done('group');
  const patches = await eventually('the last patch', () => operatorPatches(bench, namespace, size), {
    timeoutMs: 300_000,
    intervalMs: 1_000,
  });
  const ends = patches.map(({ stageTimestamp }) => Date.parse(stageTimestamp) - startedAt);
  const lastMs = Math.max(...ends);
  const memory = `RSS ${rssMegabytes(operator.pid).toFixed(0)} MB, peak ${peakMegabytes(operator.pid).toFixed(0)} MB`;
  return [
    `${size}`,
    `${patches.length}`,
    seconds(ownMs),
    seconds(Math.min(...ends)),
    seconds(lastMs),
    (lastMs / ownMs).toFixed(2),
    `${(cpuSeconds(operator.pid) - cpu).toFixed(1)} s of CPU, ${memory}`,
  ];
}

/** A patch as small as that which lets a pod go. */
function annotate(
  transport: KubeTransport,
  { namespace, name }: { namespace: string; name: string },
): Promise<unknown> {
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  const body = { metadata: { annotations: { 'example.com/at': 'now' } } };
  return transport.request({ method: 'PATCH', path, contentType: 'application/strategic-merge-patch+json', body });
}

/** Undefined before there are so many. */
async function operatorPatches(
  { controlPlane }: Bench,
  namespace: string,
  size: number,
): Promise<readonly AuditEvent[] | undefined> {
  const patches = await auditEvents(controlPlane, { verb: 'patch', resource: 'pods', namespace });
  const ofOperator = patches.filter(({ userAgent }) => userAgent?.startsWith('konductor-operator/'));
  return ofOperator.length >= size ? ofOperator : undefined;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
