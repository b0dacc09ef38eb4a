// An operator on a node whose clock is wrong. It runs from its sources, so that its Date can be shifted.
import { join } from 'node:path';
import { sleep, WaitGroupClient } from '@konductor/client';
import { toMilliseconds } from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { operatorWrite } from '../../support/cluster/audited-writes.ts';
import { installOperator, stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, replaceStatus, transport } from '../../support/cluster/raw-requests.ts';
import { metricsOf, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const MAIN = join(import.meta.dirname, '../../../operator/src/main.ts');
const HOURS_MS = 2 * 3_600_000;
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

/** The command of an operator whose Date is ahead by this much, and after each SIGUSR2 behind instead or ahead again. */
function shifted(aheadMs: number): string[] {
  const script = `const Actual = Date;
    let aheadMs = ${aheadMs};
    process.on('SIGUSR2', () => { aheadMs = -aheadMs; });
    globalThis.Date = class extends Actual {
      constructor(...values) { super(...(values.length > 0 ? values : [Date.now()])); }
      static now() { return Actual.now() + aheadMs; }
    };`;
  const preload = `data:text/javascript,${encodeURIComponent(script)}`;
  return [process.execPath, '--conditions=konductor-source', `--import=${preload}`, MAIN];
}

const done = { counter: 0, phase: 'Done', added: 1, completions: 1, addedAtCompletion: 1 };

/** A group that an earlier operator has completed just now. */
async function createCompleted(namespace: string, name: string, ttl: string): Promise<void> {
  const group = await create(namespace, { metadata: { name }, spec: { ttl } });
  await replaceStatus(group, { ...done, completedAt: toMilliseconds(new Date()) });
}

/** A round that an earlier operator has observed just now. */
async function createStarted(namespace: string, name: string, deadline: string): Promise<void> {
  const group = await create(namespace, { metadata: { name }, spec: { deadline } });
  const startedAt = toMilliseconds(new Date());
  await replaceStatus(group, { counter: 1, phase: 'Waiting', added: 1, startedAt });
}

const outcomeOf = async (namespace: string, name: string) => (await api.get(namespace, name)).status?.outcome;
const failure = (namespace: string, name: string) =>
  eventually(`the failure of ${name}`, async () => (await outcomeOf(namespace, name)) === 'Failed');

describe.each([
  ['ahead', HOURS_MS],
  ['behind', -HOURS_MS],
])("an operator whose clock is two hours %s of the API server's", (_name, aheadMs) => {
  it('deletes and fails nothing early or late, records the right time, and reports the difference', async () => {
    const namespace = await createNamespace(controlPlane, 'clock');
    await createCompleted(namespace, 'expired', '1s');
    await createCompleted(namespace, 'kept', '1h');
    await createStarted(namespace, 'due', '1s');
    await createStarted(namespace, 'waiting', '1h');
    await create(namespace, { metadata: { name: 'own' }, spec: { ttl: '1h', initialCount: 1 } });
    await sleep(1_000);
    const args = [`--watch-namespace=${namespace}`];
    const operator = stopWithTest(await startOperator({ kubeconfig, args, command: shifted(aheadMs) }));
    const names = async () => (await api.list(namespace)).map(({ metadata }) => metadata.name);
    await eventually('the deletion', async () => !(await names()).includes('expired'));
    await failure(namespace, 'due');
    expect(await outcomeOf(namespace, 'waiting')).toBeUndefined();

    const startedAt = Date.now();
    await new WaitGroupClient(transport, { namespace }).done('own');
    const { status } = await eventually('the completion', async () => {
      const group = await api.get(namespace, 'own');
      return group.status?.completedAt !== undefined && group;
    });
    const completedMs = Date.parse(status?.completedAt ?? '');
    // The Date header has whole seconds.
    expect(completedMs).toBeGreaterThan(startedAt - 1_000);
    expect(completedMs).toBeLessThan(Date.now() + 1_000);
    expect(await names()).toEqual(['due', 'kept', 'own', 'waiting']);

    const [, offset] = /^konductor_operator_clock_offset_seconds (\S+)$/m.exec(await metricsOf(operator)) ?? [];
    expect(Math.abs(Number(offset) - aheadMs / 1_000)).toBeLessThan(60);
  });
});

describe('an operator whose clock is set while work is outstanding', () => {
  it('fails each round at its deadline, whichever way the clock is set', async () => {
    const namespace = await createNamespace(controlPlane, 'clock');
    const args = [`--watch-namespace=${namespace}`];
    const operator = stopWithTest(await startOperator({ kubeconfig, args, command: shifted(HOURS_MS) }));
    await create(namespace, { metadata: { name: 'waiting' }, spec: { initialCount: 1, deadline: '1h' } });
    for (const name of ['set-back', 'set-ahead']) {
      await create(namespace, { metadata: { name }, spec: { initialCount: 1, deadline: '2s' } });
      const start = await operatorWrite({ namespace, name }, 'the start', ({ status }) => status?.startedAt);
      process.kill(operator.pid, 'SIGUSR2');
      await failure(namespace, name);
      const end = await operatorWrite({ namespace, name }, 'the failure', ({ status }) => status?.outcome);
      expect(end.receivedMs - start.receivedMs).toBeGreaterThanOrEqual(2_000);
    }
    expect(await outcomeOf(namespace, 'waiting')).toBeUndefined();
  });
});

describe('a completedAt that cannot be true', () => {
  it.each(['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])(
    'is corrected, whoever wrote it: %s',
    async (completedAt) => {
      const namespace = await createNamespace(controlPlane, 'clock');
      const group = await create(namespace, { spec: { ttl: '1h' } });
      await replaceStatus(group, { ...done, completedAt });
      stopWithTest(await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] }));
      const corrected = await eventually('the correction', async () => {
        const { status } = await api.get(namespace, 'group');
        return status?.completedAt !== completedAt && status;
      });
      expect(Math.abs(Date.parse(corrected.completedAt ?? '') - Date.now())).toBeLessThan(60_000);
      await eventually('the Event', async () => {
        const path = `/api/v1/namespaces/${namespace}/events`;
        const { items } = await transport.request<{ items: { reason: string }[] }>({ method: 'GET', path });
        return items.some(({ reason }) => reason === 'Corrected');
      });
    },
  );
});
