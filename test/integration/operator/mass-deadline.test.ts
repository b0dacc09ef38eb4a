// Many WaitGroups whose deadline passes at once, failed by the compiled operator. How late the last one is depends on the
// machine and is only printed; that none fails early, is missed or fails twice does not.
import { WaitGroupApi } from '@konductor/client';
import { initialStatus, type WaitGroup, type WaitGroupStatus } from '@konductor/schema';
import { expect, inject, it } from 'vitest';
import { quantile } from '../../bench/distribution.ts';
import { inLongRun } from '../../faults/random.ts';
import type { AuditEvent } from '../../support/cluster/audit.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { transport } from '../../support/cluster/raw-requests.ts';
import { metricsOf } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const GROUPS = inLongRun(1_000, 250);
/** For the operator to start before the deadline. */
const MARGIN_MS = 5_000;
/** Longer ago than that before its creation, no start is credible. */
const DEADLINE_MS = 60_000;
const controlPlane = inject('controlPlane');
const api = new WaitGroupApi(transport, 'konductor-test');

it(`fails ${GROUPS} rounds whose deadline passes together once each, and none too early`, {
  timeout: 300_000,
}, async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'mass-deadline');
  const endMs = await createRounds(namespace);
  const operator = await startOperatorIn(namespace, kubeconfig);
  const failures = async () =>
    sample(await metricsOf(operator), 'konductor_waitgroup_failures_total', 'reason="DeadlineExceeded"');
  await eventually('the failures', async () => (await failures()) === GROUPS, { timeoutMs: 180_000 });
  const writes = await eventually('every write in the audit log', async () => {
    const requests = await operatorRequests(controlPlane, namespace);
    const sofar = requests.filter(({ verb, responseStatus }) => verb === 'update' && responseStatus?.code === 200);
    return sofar.length >= GROUPS && sofar;
  });
  const late = writes.map(({ stageTimestamp }) => Date.parse(stageTimestamp) - endMs);
  console.info(`late: p50 ${quantile(late, 0.5)} ms, p99 ${quantile(late, 0.99)} ms, max ${quantile(late, 1)} ms`);
  expect(writes.map(outcomeOf)).toEqual(Array(GROUPS).fill('Failed'));
  expect(new Set(writes.map(({ objectRef }) => objectRef?.name)).size).toBe(GROUPS);
  expect(Math.min(...writes.map(receivedAt))).toBeGreaterThanOrEqual(endMs);
});

/** Creates rounds as an earlier operator has left them; resolves with the time when the deadline of all passes. */
async function createRounds(namespace: string): Promise<number> {
  const createdAt = Date.now();
  const spec = { initialCount: 1, deadline: `${DEADLINE_MS}ms` };
  const names = Array.from({ length: GROUPS }, (_, index) => `group-${index}`);
  const groups = await inParallel(names, (name) => api.create(namespace, { name, spec }));
  // Their statuses take up to twice as long as their creation.
  const endMs = Date.now() + 2 * (Date.now() - createdAt) + MARGIN_MS;
  await inParallel(groups, (group) => api.updateStatus(group, startedStatus(group, endMs - DEADLINE_MS)));
  return endMs;
}

const startedStatus = (group: WaitGroup, startMs: number): WaitGroupStatus => ({
  ...initialStatus(group),
  observedGeneration: 1,
  startedAt: new Date(startMs).toISOString(),
});

const outcomeOf = ({ responseObject }: AuditEvent) => (responseObject as WaitGroup).status?.outcome;
const receivedAt = ({ requestReceivedTimestamp }: AuditEvent) => Date.parse(requestReceivedTimestamp);
