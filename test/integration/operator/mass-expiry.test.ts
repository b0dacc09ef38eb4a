// Many WaitGroups whose TTL expires at once, deleted by the compiled operator. How late the last one is depends on the machine
// and is only printed; that none is deleted early, missed or deleted twice does not.
import { waitGroupsPath } from '@konductor/client';
import { expect, inject, it } from 'vitest';
import { quantile } from '../../bench/distribution.ts';
import type { AuditEvent } from '../../support/cluster/audit.ts';
import { createExpiringGroups } from '../../support/cluster/expiring-groups.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { transport } from '../../support/cluster/raw-requests.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const GROUPS = 300;
const MARGIN_MS = 3_000;
const controlPlane = inject('controlPlane');

it('deletes 300 WaitGroups that expire together once each, and none too early', { timeout: 120_000 }, async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'mass');
  const { expiry } = await createExpiringGroups(transport, { namespace, count: GROUPS, marginMs: MARGIN_MS });
  await startOperatorIn(namespace, kubeconfig);
  await eventually('the deletions', () => isEmpty(namespace), { timeoutMs: 90_000, intervalMs: 200 });
  const deletions = await eventually('every deletion in the audit log', async () => {
    const requests = await operatorRequests(controlPlane, namespace);
    const sofar = requests.filter(({ verb }) => verb === 'delete');
    return sofar.length >= GROUPS && sofar;
  });
  const late = deletions.map(({ stageTimestamp }) => Date.parse(stageTimestamp) - expiry);
  console.info(`late: p50 ${quantile(late, 0.5)} ms, p99 ${quantile(late, 0.99)} ms, max ${quantile(late, 1)} ms`);
  expect(deletions.map(({ responseStatus }) => responseStatus?.code)).toEqual(Array(GROUPS).fill(200));
  expect(Math.min(...deletions.map(receivedAt))).toBeGreaterThanOrEqual(expiry);
  expect(quantile(late, 1)).toBeLessThan(60_000);
});

const receivedAt = ({ requestReceivedTimestamp }: AuditEvent) => Date.parse(requestReceivedTimestamp);

async function isEmpty(namespace: string): Promise<boolean> {
  const path = waitGroupsPath(namespace);
  const { items } = await transport.request<{ items: [] }>({ method: 'GET', path, query: { limit: 1 } });
  return items.length === 0;
}
