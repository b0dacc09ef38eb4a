// An API server that is restored from a backup loses the newest part of its history, and assigns its resourceVersions
// again. A watch that starts in the lost part is silent until the new history has passed it.
import type { WaitGroupClient } from '@konductor/client';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { newGroup } from '../../support/cluster/client-access.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { startKoncli } from '../../support/processes/koncli-process.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const LOST_CHANGES = 40;

// Of its own: both of its servers are stopped.
let plane: ControlPlane;
let operatorKubeconfig: string;
beforeAll(async () => {
  plane = await startControlPlane();
  await installCrd(plane);
  operatorKubeconfig = await installOperator(plane);
});
afterAll(() => plane.stop());

const changeOften = async (client: WaitGroupClient, changes: number) => {
  for (let n = 0; n < changes; n++) await client.add('batch', n % 2 === 0 ? 1 : -1);
};

const startWaiting = async (namespace: string) => {
  const wait = startKoncli(['wg', 'wait', 'batch', '-n', namespace, '--timeout', '120s'], plane);
  await listen(wait)('counter 3');
  onTestFinished(() => void wait.process.kill('SIGKILL'));
  return wait;
};

it.each([
  ['and nothing else is written', 0],
  ['and other writes pass the lost history', 2 * LOST_CHANGES],
])(
  'after a restore, waiters wake and the operator completes and deletes, when the work is done or has failed, %s',
  {
    timeout: 180_000,
  },
  async (_, otherWrites) => {
    const waited = await newGroup(plane, { initialCount: 3 });
    const operated = await newGroup(plane, { initialCount: 3, ttl: '1s' });
    const failed = await newGroup(plane, { initialCount: 3 });
    const other = await newGroup(plane);
    await plane.backUp();
    await startOperatorIn(operated.namespace, operatorKubeconfig);
    const waits = await Promise.all([startWaiting(waited.namespace), startWaiting(waited.namespace)]);
    // The restored server does not know of the failed round before this one.
    await failed.client.fail('batch', { message: 'lost' }, 3);
    await failed.client.add('batch', 3);
    const failing = await startWaiting(failed.namespace);
    for (const { client } of [waited, operated]) await changeOften(client, LOST_CHANGES);
    // It finds the end of its watch, and the restored server, when it continues.
    const [, suspended] = waits;
    suspended.process.kill('SIGSTOP');
    await plane.restore();
    for (const { client } of [waited, operated]) await client.done('batch', 3, { timeoutMs: 60_000 });
    await failed.client.fail('batch', { message: 'no space left' }, 3, { timeoutMs: 60_000 });
    await changeOften(other.client, otherWrites);
    suspended.process.kill('SIGCONT');
    for (const wait of waits)
      expect(await wait.result).toMatchObject({ code: 0, stdout: expect.stringContaining('batch is done') });
    expect(await failing.result).toMatchObject({ code: 6, stderr: expect.stringContaining('no space left') });
    const isDeleted = async () => (await operated.client.list()).length === 0;
    await eventually('the deletion', isDeleted, { timeoutMs: 60_000 });
  },
);
