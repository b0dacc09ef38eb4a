// Two active operators on the same WaitGroups, as when a leader has not noticed yet that it lost its lease: every write is
// guarded.
import { WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { beforeAll, expect, inject, it } from 'vitest';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { meet } from '../../faults/faults.ts';
import { operatorWrites } from '../../support/cluster/audited-writes.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { create, transport } from '../../support/cluster/raw-requests.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';
import { metricsOf, type OperatorProcess } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const GROUPS = 12;
const controlPlane = inject('controlPlane');

beforeAll(async () => {
  await installOperator(controlPlane);
});

interface KubeEvent {
  readonly reason: string;
  readonly involvedObject: { readonly name: string };
}

it('write, delete and report each transition once, and count it once', async () => {
  const namespace = await createNamespace(controlPlane, 'two');
  const proxy = await startFaultProxy(controlPlane, namespace);
  const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
  const token = await createToken(controlPlane, account);
  const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`, { token });
  const operators = await Promise.all([1, 2].map(() => startOperatorIn(namespace, kubeconfig)));
  const client = new WaitGroupClient(transport, { namespace });
  const names = Array.from({ length: GROUPS }, (_, index) => `group-${index}`);
  const allGroups = async (isReached: (group: WaitGroup) => unknown) => (await client.list()).every(isReached);

  const createGroup = (name: string) => create(namespace, { metadata: { name }, spec: { initialCount: 2 } });
  // Both write the initial status of the first one at the same time.
  const meeting = meet(2);
  proxy.onWrite(meeting, meeting);
  await createGroup('group-0');
  await eventually('the two writes', async () => (await client.get('group-0')).status);
  await Promise.all(names.slice(1).map(createGroup));
  await Promise.all(names.map((name) => client.add(name, 3)));
  await Promise.all(names.map((name) => client.done(name, 5)));
  await eventually('the completions', () => allGroups(({ status }) => status?.completedAt));
  for (const { status } of await client.list())
    expect(status).toMatchObject({ counter: 0, phase: 'Done', added: 5, completions: 1, addedAtCompletion: 5 });

  await Promise.all(names.map((name) => setTtl(namespace, name, '0s')));
  const isEmpty = async () => (await client.list()).length === 0;
  await eventually('the deletions', isEmpty);
  await eventually('the count of expirations', async () => (await totalOf(operators, 'expirations')) === GROUPS);
  expect(await totalOf(operators, 'completions')).toBe(GROUPS);
  expect(await Promise.all(operators.map((operator) => operator.stop()))).toEqual([0, 0]);

  const { items } = await kubectlJson<{ items: KubeEvent[] }>(controlPlane, ['get', 'events', '-n', namespace]);
  const reported = items.map(({ reason, involvedObject }) => `${involvedObject.name} ${reason}`);
  expect(reported.sort()).toEqual(names.flatMap((name) => [`${name} Completed`, `${name} Expired`]).sort());
  const warnings = operators.flatMap(({ log }) => log.filter(({ level }) => level === 'warn' || level === 'error'));
  expect(warnings).toEqual([]);

  const requests = await operatorRequests(controlPlane, namespace);
  const codesOf = (verb: string) => {
    const codes = requests.filter((request) => request.verb === verb).map(({ responseStatus }) => responseStatus?.code);
    return { codes: new Set(codes), successes: codes.filter((code) => code === 200).length };
  };
  expect(codesOf('delete').successes).toBe(GROUPS);
  // The second of two writes found another version, or the WaitGroup deleted.
  const { codes } = codesOf('update');
  expect(codes).toContain(409);
  expect([200, 404, 409]).toEqual(expect.arrayContaining([...codes]));
});

it('fail each round whose deadline has passed once, and count and report it once', async () => {
  const namespace = await createNamespace(controlPlane, 'two');
  const kubeconfig = await installOperator(controlPlane);
  const operators = await Promise.all([1, 2].map(() => startOperatorIn(namespace, kubeconfig)));
  const client = new WaitGroupClient(transport, { namespace });
  const names = Array.from({ length: GROUPS }, (_, index) => `group-${index}`);
  const spec = { initialCount: 2, deadline: '1s' };
  await Promise.all(names.map((name) => create(namespace, { metadata: { name }, spec })));
  const areFailed = async () => (await client.list()).every(({ status }) => status?.outcome === 'Failed');
  await eventually('the failures', areFailed);
  const deadlineExceeded = () => totalOf(operators, 'failures', 'reason="DeadlineExceeded"');
  await eventually('the count of failures', async () => (await deadlineExceeded()) >= GROUPS);
  expect(await Promise.all(operators.map((operator) => operator.stop()))).toEqual([0, 0]);
  for (const { status } of await client.list()) expect(status).toMatchObject({ counter: 2, failures: 1 });

  const { items } = await kubectlJson<{ items: KubeEvent[] }>(controlPlane, ['get', 'events', '-n', namespace]);
  const reported = items.map(({ reason, involvedObject }) => `${involvedObject.name} ${reason}`);
  expect(reported.sort()).toEqual(names.map((name) => `${name} DeadlineExceeded`).sort());
  const writes = await Promise.all(names.map((name) => operatorWrites(namespace, name)));
  const failures = writes.map((ofGroup) => ofGroup.filter(({ status }) => status?.outcome === 'Failed'));
  expect(failures.map(({ length }) => length)).toEqual(Array(GROUPS).fill(1));
});

/** The sum over all operators. */
async function totalOf(operators: readonly OperatorProcess[], what: string, labels = ''): Promise<number> {
  const texts = await Promise.all(operators.map((operator) => metricsOf(operator)));
  const totals = texts.map((text) => sample(text, `konductor_waitgroup_${what}_total`, labels) ?? Number.NaN);
  return totals.reduce((sum, total) => sum + total, 0);
}

async function setTtl(namespace: string, name: string, ttl: string): Promise<void> {
  const path = `/apis/konductor.io/v1/namespaces/${namespace}/waitgroups/${name}`;
  const contentType = 'application/merge-patch+json';
  await transport.request({ method: 'PATCH', path, contentType, body: { spec: { ttl } } });
}
