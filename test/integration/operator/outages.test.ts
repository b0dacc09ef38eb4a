// Faults of the whole cluster, on a control plane of its own. The tests build on each other: the first one installs the CRD.
import { join } from 'node:path';
import { connect, KubeTransport, WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installOperator, stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import {
  isReady,
  type LogLine,
  metricsOf,
  type OperatorProcess,
  startOperator,
  startOperatorUnready,
} from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const CRD = join(import.meta.dirname, '../../../cdk8s/manifests/crd.yaml');

/** Enough for a busy machine to stop an API server before the TTL expires. */
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

const completed = (namespace: string, name: string): Promise<WaitGroup> =>
  eventually(
    'the completion',
    async () => {
      const group = await clientOf(namespace).get(name);
      return group.status?.completedAt !== undefined && group;
    },
    { timeoutMs: 60_000 },
  );

it('retries while the CRD is not installed, logs a hint, and works once it is installed', async () => {
  const operator = stopWithTest(await startOperatorUnready({ kubeconfig }));
  const failures = () => lines(operator, 'watch failed, retrying');
  const [line] = await eventually('the second attempt', () => failures().length > 1 && failures());
  expect(line).toMatchObject({ level: 'warn', hint: 'the CRD is not installed: apply cdk8s/manifests/crd.yaml' });
  expect(await isReady(operator)).toBe(false);
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', CRD]);
  await eventually('the readiness', () => isReady(operator));
  const namespace = await newNamespace();
  await clientOf(namespace).create({ name: 'group', spec: { initialCount: 1 } });
  await clientOf(namespace).done('group');
  await completed(namespace, 'group');
  expect(await operator.stop()).toBe(0);
});

it('handles changes and deletions that happened while it was paused and whose history was compacted', {
  timeout: 120_000,
}, async () => {
  const namespace = await newNamespace();
  const client = clientOf(namespace);
  for (const name of ['group', 'deleted']) await client.create({ name, spec: { initialCount: 1 } });
  const operator = stopWithTest(await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] }));
  const phases = async () => {
    const text = await metricsOf(operator);
    return ['Waiting', 'Done'].map((phase) => sample(text, 'konductor_waitgroups', `phase="${phase}"`));
  };
  const hasCached = async (...counts: number[]) => String(await phases()) === String(counts);
  await eventually('both WaitGroups in the cache', () => hasCached(2, 0));
  process.kill(operator.pid, 'SIGSTOP');
  try {
    // Closes its watch, whose socket would otherwise buffer the changes.
    await controlPlane.restartApiServer();
    await client.done('group');
    await client.delete('deleted');
    await controlPlane.compactEtcd();
    await controlPlane.restartApiServer();
  } finally {
    process.kill(operator.pid, 'SIGCONT');
  }
  await completed(namespace, 'group');
  await eventually('only the remaining WaitGroup in the cache', () => hasCached(0, 1));
  expect(await operator.stop()).toBe(0);
});

/** One outage for all: the API server is stopped before the first test, and started in the third. */
describe('when the API server is unavailable, an operator', () => {
  let namespace: string;
  let expiry: number;
  let operator: OperatorProcess;
  let leader: OperatorProcess;
  const idle: OperatorProcess[] = [];

  beforeAll(async () => {
    namespace = await newNamespace();
    const startIn = (watched: string, ...args: string[]) =>
      startOperator({ kubeconfig, args: [`--watch-namespace=${watched}`, ...args] });
    const times = ['lease-duration=2s', 'renew-deadline=1s', 'retry-period=200ms'];
    operator = await startIn(namespace);
    idle.push(await startIn('default'));
    leader = await startIn('default', '--leader-elect', ...times.map((flag) => `--leader-elect-${flag}`));
    await eventually('its leadership', () => lines(leader, 'became leader')[0]);
    await clientOf(namespace).create({ name: 'later', spec: { initialCount: 1 } });
    await clientOf(namespace).create({ name: 'expiring', spec: { initialCount: 1, ttl: `${TTL_MS}ms` } });
    await clientOf(namespace).done('expiring');
    const { status } = await completed(namespace, 'expiring');
    expiry = Date.parse(status?.completedAt ?? '') + TTL_MS;
    await controlPlane.stopApiServer();
  });
  afterAll(() => Promise.all([operator, leader, ...idle].map((one) => one.stop())));

  it('is on standby from the renew deadline, and ready to lead again', async () => {
    await eventually('the loss of the lease', () => lines(leader, 'lost the leader lease, on standby')[0]);
  });

  it('exits with 0 within a second after SIGTERM', async () => {
    await expectOnceWithin(1_000, async () => {
      const stopped = idle.pop() ?? stopWithTest(await startOperatorUnready({ kubeconfig }));
      await eventually('the loss of the watch', () => lines(stopped, 'watch failed, retrying')[0]);
      const sentAt = performance.now();
      expect(await stopped.stop()).toBe(0);
      return performance.now() - sentAt;
    });
  });

  it('deletes a WaitGroup whose TTL has expired meanwhile, once the API server is available again', async () => {
    // Another attempt may have failed while the API server shut down.
    const hasExpired = ({ time }: LogLine) => Date.parse(String(time)) >= expiry;
    const isAttempted = () => lines(operator, 'reconcile failed, retrying').some(hasExpired);
    await eventually('the attempt to delete it', isAttempted, { timeoutMs: 60_000 });
    await controlPlane.startApiServer();
    const isDeleted = async () => (await clientOf(namespace).list()).length === 1;
    await eventually('the deletion', isDeleted, { timeoutMs: 60_000 });
  });

  it('leads again at once, because its lease still names it', async () => {
    await eventually('its leadership', () => lines(leader, 'became leader').length === 2);
    expect(lines(leader, 'another instance is the leader')).toEqual([]);
  });

  it('records what completes after the outage, and exits with 0', async () => {
    await clientOf(namespace).done('later');
    await completed(namespace, 'later');
    expect(await operator.stop()).toBe(0);
  });
});
