// Faults of the whole cluster, on a control plane of its own. The tests build on each other: the CRD comes with the first.
import { join } from 'node:path';
import { connect, KubeTransport, WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installOperator, stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import {
  isReady,
  metricsOf,
  type OperatorProcess,
  startOperator,
  startOperatorUnready,
} from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const CRD = join(import.meta.dirname, '../../../cdk8s/manifests/crd.yaml');

/** For a busy machine to stop an API server meanwhile. */
const TTL_MS = 8_000;

let controlPlane: ControlPlane;
let kubeconfig: string;
let transport: KubeTransport;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  kubeconfig = await installOperator(controlPlane);
  transport = new KubeTransport(await connect({ env: { KUBECONFIG: controlPlane.kubeconfig } }));
});
afterAll(() => controlPlane.stop());

const clientOf = (namespace: string) => new WaitGroupClient(transport, { namespace });
const newNamespace = () => createNamespace(controlPlane, 'outage');
const lines = ({ log }: OperatorProcess, msg: string) => log.filter((line) => line.msg === msg);

const completed = (namespace: string): Promise<WaitGroup> =>
  eventually(
    async () => {
      const group = await clientOf(namespace).get('group');
      return group.status?.completedAt !== undefined && group;
    },
    { what: 'the completion', timeoutMs: 60_000 },
  );

async function isDeleted(namespace: string): Promise<boolean> {
  return (await clientOf(namespace).list()).length === 0;
}

it('waits for a missing CRD, logs it, and starts to work when it is installed', async () => {
  const operator = stopWithTest(await startOperatorUnready({ kubeconfig }));
  const [line] = await eventually(
    () => lines(operator, 'watch failed, retrying').length > 1 && lines(operator, 'watch failed, retrying'),
    {
      what: 'the second attempt',
    },
  );
  expect(line).toMatchObject({ level: 'warn', hint: 'the CRD is not installed: apply cdk8s/manifests/crd.yaml' });
  expect(await isReady(operator)).toBe(false);
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', CRD]);
  await eventually(() => isReady(operator), { what: 'the readiness' });
  const namespace = await newNamespace();
  await clientOf(namespace).create({ name: 'group', spec: { initialCount: 1 } });
  await clientOf(namespace).done('group');
  await completed(namespace);
  expect(await operator.stop()).toBe(0);
});

it('continues when the API server restarts: later completions are recorded', async () => {
  const operator = stopWithTest(await startOperator({ kubeconfig }));
  const namespace = await newNamespace();
  await clientOf(namespace).create({ name: 'group', spec: { initialCount: 1 } });
  await controlPlane.restartApiServer();
  await clientOf(namespace).done('group');
  await completed(namespace);
  expect(await operator.stop()).toBe(0);
});

it('notices changes and deletions that were made and compacted while it was suspended', {
  timeout: 120_000,
}, async () => {
  const namespace = await newNamespace();
  const client = clientOf(namespace);
  for (const name of ['group', 'deleted']) await client.create({ name, spec: { initialCount: 1 } });
  const operator = stopWithTest(await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] }));
  const seen = async () => {
    const text = await metricsOf(operator);
    return ['Waiting', 'Done'].map((phase) => sample(text, 'konductor_waitgroups', `phase="${phase}"`));
  };
  const sees = async (...counts: number[]) => String(await seen()) === String(counts);
  await eventually(() => sees(2, 0), { what: 'both groups' });
  process.kill(operator.pid, 'SIGSTOP');
  try {
    // Or else its socket would have what follows.
    await controlPlane.restartApiServer();
    await client.done('group');
    await client.delete('deleted');
    await controlPlane.compactEtcd();
    await controlPlane.restartApiServer();
  } finally {
    process.kill(operator.pid, 'SIGCONT');
  }
  await completed(namespace);
  await eventually(() => sees(0, 1), { what: 'the one group that is left' });
  expect(lines(operator, 'watch failed, retrying').map(({ err }) => err)).toContainEqual(
    expect.objectContaining({ type: 'GoneError' }),
  );
  expect(await operator.stop()).toBe(0);
});

it('deletes a group whose TTL expires while the API server is unavailable', async () => {
  const operator = stopWithTest(await startOperator({ kubeconfig }));
  const namespace = await newNamespace();
  await clientOf(namespace).create({ name: 'group', spec: { initialCount: 1, ttl: `${TTL_MS}ms` } });
  await clientOf(namespace).done('group');
  const { status } = await completed(namespace);
  await controlPlane.stopApiServer();
  const expiry = Date.parse(status?.completedAt ?? '') + TTL_MS;
  await eventually(() => lines(operator, 'reconcile failed, retrying')[0], {
    what: 'the attempt to collect it',
  });
  expect(Date.now()).toBeGreaterThanOrEqual(expiry);
  await controlPlane.startApiServer();
  await eventually(() => isDeleted(namespace), { what: 'the collection' });
  expect(await operator.stop()).toBe(0);
});

it('ends with 0 within a second after SIGTERM while the API server is unavailable', async () => {
  await expectOnceWithin(1_000, async () => {
    const operator = stopWithTest(await startOperator({ kubeconfig }));
    await controlPlane.stopApiServer();
    await eventually(() => lines(operator, 'watch failed, retrying')[0], { what: 'the loss of the watch' });
    const sentAt = performance.now();
    expect(await operator.stop()).toBe(0);
    const tookMs = performance.now() - sentAt;
    await controlPlane.startApiServer();
    return tookMs;
  });
});

it('gives up its leadership and ends with 1 when the API server is unavailable for the renew deadline', async () => {
  const times = ['lease-duration=2s', 'renew-deadline=1s', 'retry-period=200ms'];
  const args = ['--leader-elect', ...times.map((flag) => `--leader-elect-${flag}`)];
  const operator = stopWithTest(await startOperator({ kubeconfig, args }));
  await eventually(() => lines(operator, 'became leader')[0], { what: 'its leading' });
  await controlPlane.stopApiServer();
  expect(await operator.exited).toBe(1);
  expect(lines(operator, 'leader election lost')[0]).toMatchObject({ level: 'error' });
  await controlPlane.startApiServer();
});
