import type { WaitGroup } from '@konductor/schema';
import { beforeAll, expect, inject, it } from 'vitest';
import type { AuditEvent } from '../../support/cluster/audit.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, count, create } from '../../support/cluster/raw-requests.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

/** The requests that the operator itself has counted. */
async function requestsByItsMetrics(address: string): Promise<number> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  return [...text.matchAll(/^rest_client_requests_total\{.*\} (\d+)$/gm)].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );
}

it('lists and watches once, writes once for each transition, and sends nothing while a TTL passes', async () => {
  const namespace = await createNamespace(controlPlane, 'idle');
  const operator = await startOperatorIn(namespace, kubeconfig);
  await create(namespace, { spec: { ttl: '1s' } });
  const initial = await eventually('the initial status', async () => {
    const group = await api.get(namespace, 'group');
    return group.status && group;
  });
  await count(await count(await count(initial, 5), -4), -1);
  const requests = await eventually('both Events', async () => {
    const sofar = await operatorRequests(controlPlane, namespace);
    return sofar.filter(({ objectRef }) => objectRef?.resource === 'events').length >= 2 && sofar;
  });
  const isRead = ({ verb }: AuditEvent) => verb === 'list' || verb === 'watch';
  const described = ({ verb, objectRef }: AuditEvent) =>
    `${verb} ${objectRef?.resource}/${objectRef?.subresource ?? ''}`;
  expect(requests.filter(isRead).map(described).sort()).toEqual([
    // Those that count, and those that are held.
    'list jobs/',
    'list jobs/',
    'list pods/',
    'list waitgroups/',
    'list waitgroupworkers/',
    'watch jobs/',
    'watch jobs/',
    'watch pods/',
    'watch waitgroups/',
    'watch waitgroupworkers/',
  ]);
  const writes = requests.filter((request) => !isRead(request));
  expect(writes.map(described)).toEqual([
    'update waitgroups/status',
    'update waitgroups/status',
    'create events/',
    'delete waitgroups/',
    'create events/',
  ]);
  const [, completion, , deletion] = writes;
  const completed = completion?.responseObject as WaitGroup | undefined;
  const completedAt = completed?.status?.completedAt ?? '';
  const idleMs = Date.parse(deletion?.requestReceivedTimestamp ?? '') - Date.parse(completedAt);
  expect(idleMs).toBeGreaterThanOrEqual(1_000);
  // It counts a request when it has the response, shortly after the API server has logged it.
  const isCounted = async () => (await requestsByItsMetrics(operator.metricsAddress)) >= requests.length;
  await eventually('the last request in its metrics', isCounted);
  expect(await requestsByItsMetrics(operator.metricsAddress)).toBe(requests.length);
});
