// Rounds that clients fail, on a real API server: what the operator records, reports and deletes.
import { NotFoundError, WaitGroupClient, waitGroupsPath } from '@konductor/client';
import { parseDuration, type WaitGroup } from '@konductor/schema';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type AuditedWrite, operatorWrite } from '../../support/cluster/audited-writes.ts';
import { eventsAbout } from '../../support/cluster/events-about.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { api, create, transport } from '../../support/cluster/raw-requests.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let namespace: string;
let operator: OperatorProcess;
let client: WaitGroupClient;
let names = 0;

beforeAll(async () => {
  const kubeconfig = await installOperator(controlPlane);
  namespace = await createNamespace(controlPlane, 'failed');
  client = new WaitGroupClient(transport, { namespace, by: 'worker-3' });
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

/** A WaitGroup with two outstanding. */
async function createWaiting(spec: WaitGroup['spec'] = {}): Promise<string> {
  const name = `group-${++names}`;
  await create(namespace, { metadata: { name }, spec: { initialCount: 2, ...spec } });
  return name;
}

const once = (name: string, what: string, isReached: (group: WaitGroup) => unknown): Promise<WaitGroup> =>
  eventually(`the ${what} of ${name}`, async () => {
    const group = await api.get(namespace, name);
    return isReached(group) ? group : undefined;
  });
const failed = (name: string) => once(name, 'failure', ({ status }) => status?.failedAt);
const isDeleted = (name: string) =>
  api.get(namespace, name).then(
    () => false,
    (error: unknown) => error instanceof NotFoundError,
  );
const deletion = (name: string) => eventually(`the deletion of ${name}`, () => isDeleted(name));

async function changeTtl(name: string, ttl: string): Promise<void> {
  const path = waitGroupsPath(namespace, name);
  const contentType = 'application/merge-patch+json';
  await transport.request({ method: 'PATCH', path, contentType, body: { spec: { ttl } } });
}

/** Resolves when the operator has deleted a WaitGroup with this TTL that failed after all others. */
async function passTtl(ttl: string): Promise<void> {
  const name = await createWaiting({ ttl });
  await client.fail(name, { message: 'no space left' });
  await deletion(name);
}

/** Milliseconds between the end of the TTL since the failure and the DELETE, from the audit log. */
async function lateness(name: string, ttl: string): Promise<number> {
  const group = { namespace, name };
  const { status } = await operatorWrite(group, 'the failure', (write) => write.status?.failedAt);
  const { receivedMs } = await operatorWrite(group, 'the deletion', ({ verb }) => verb === 'delete');
  const parsed = parseDuration(ttl);
  const ttlMs = parsed.ok ? Number(parsed.nanoseconds) / 1e6 : Number.NaN;
  return receivedMs - Date.parse(status?.failedAt ?? '') - ttlMs;
}

const failuresOf = async (reason: string) =>
  sample(await metricsOf(operator), 'konductor_waitgroup_failures_total', `reason="${reason}"`);

describe('a failure that a client recorded', () => {
  it('gets its time, an Event and a count by its reason, once', async () => {
    const before = await failuresOf('Other');
    const name = await createWaiting();
    await client.fail(name, { reason: 'DiskFull', message: 'no space left' });
    const { status } = await failed(name);
    expect(status).toMatchObject({ counter: 1, outcome: 'Failed', failure: { reason: 'DiskFull' } });
    await client.fail(name, { reason: 'OutOfMemory', message: 'killed' });
    const completed = await once(name, 'completion', (group) => group.status?.completedAt);
    expect(completed.status).toMatchObject({ outcome: 'Failed', failures: 1, failedAt: status?.failedAt });
    expect(await eventually('the Event', () => eventsAbout(controlPlane, completed))).toMatchObject([
      { type: 'Warning', reason: 'Failed', message: 'DiskFull: no space left, by worker-3' },
    ]);
    expect(await failuresOf('Other')).toBe((before ?? 0) + 1);
    expect(await failuresOf('WorkerFailed')).toBe(0);
  });

  it('is reported with the longest message that a status can have', async () => {
    const name = await createWaiting();
    const message = '😀'.repeat(1_024);
    await client.fail(name, { message, reason: 'x'.repeat(128) });
    const events = await eventually('the Event', async () => eventsAbout(controlPlane, await failed(name)));
    expect(events).toMatchObject([{ message: `${'x'.repeat(128)}: ${message}, by worker-3` }]);
  });
});

describe('the TTL of a failed WaitGroup', () => {
  it.each(['0s', '500ms', '1.5s'])('of %s ends while work is outstanding, and not before its time', async (ttl) => {
    const name = await createWaiting({ ttl });
    await client.fail(name, { message: 'no space left' });
    await deletion(name);
    expect(await lateness(name, ttl)).toBeGreaterThanOrEqual(0);
    const { status } = await operatorWrite({ namespace, name }, 'the failure', (write) => write.status?.failedAt);
    expect(status).toMatchObject({ counter: 1, phase: 'Waiting' });
  });

  it('starts at the failure, not at the completion after it', async () => {
    const name = await createWaiting({ ttl: '1h' });
    await client.fail(name, { message: 'no space left' });
    const group = await failed(name);
    await client.done(name);
    await once(name, 'completion', ({ status }) => status?.completedAt);
    await changeTtl(name, '500ms');
    await deletion(name);
    const expired = async () => (await eventsAbout(controlPlane, group))?.find(({ reason }) => reason === 'Expired');
    const message = `TTL of 500ms after failure at ${group.status?.failedAt} expired`;
    expect(await eventually('the Event', expired)).toMatchObject({ message });
  });

  it('of a deadline that passed starts when the operator failed the round', async () => {
    const name = await createWaiting({ ttl: '500ms', deadline: '300ms' });
    await deletion(name);
    expect(await lateness(name, '500ms')).toBeGreaterThanOrEqual(0);
  });

  it('does not end a round that begins after the failed one', async () => {
    await withEnoughTime(async ({ text: ttl }) => {
      const name = await createWaiting({ ttl });
      await failThenSucceed(name);
      await client.add(name, 1);
      await passTtl(ttl);
      expect(await isDeleted(name)).toBe(false);
    });
  });

  it('starts again at the completion of a round that succeeds after the failed one', async () => {
    const name = await createWaiting({ ttl: '1h' });
    await failThenSucceed(name);
    await changeTtl(name, '2s');
    await deletion(name);
    const isCompletion = ({ status }: AuditedWrite) => status?.outcome === 'Succeeded' && status.completedAt;
    const { status } = await operatorWrite({ namespace, name }, 'the completion', isCompletion);
    const { receivedMs } = await operatorWrite({ namespace, name }, 'the deletion', ({ verb }) => verb === 'delete');
    expect(receivedMs - Date.parse(status?.completedAt ?? '')).toBeGreaterThanOrEqual(2_000);
  });

  async function failThenSucceed(name: string): Promise<void> {
    await client.fail(name, { message: 'no space left' });
    await failed(name);
    await client.done(name);
    await client.add(name, 1);
    await client.done(name);
  }
});
