import { connect, KubeTransport, WaitGroupApi, type WaitGroupClient } from '@konductor/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { newFaultedGroup } from '../../faults/faulted-group.ts';
import { grantRules, newGroup, openClient, workerRules } from '../../support/cluster/client-access.ts';
import { CRD, installCrd } from '../../support/cluster/crd.ts';
import { startWait } from '../../support/cluster/started-wait.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { needPods, ServiceAccountFolder, startKoncliInPod } from '../../support/pods/pod-process.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

// Of its own: its API server is stopped, its etcd is compacted, and its CRD goes.
let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true });
  await installCrd(plane);
});
afterAll(() => plane.stop());

it('ends when the namespace of its group is deleted', async () => {
  const { namespace } = await newGroup(plane, { initialCount: 1 });
  const wait = startKoncli(['wg', 'wait', 'batch', '-n', namespace], plane);
  await listen(wait)('counter 1');
  await kubectlOutput(plane, ['delete', 'namespace', namespace, '--wait=false']);
  const { code, stderr } = await wait.result;
  expect(code).toBe(2);
  expect(stderr).toContain(
    `koncli: waitgroup "batch" in namespace "${namespace}" was deleted; its last counter was 1\n`,
  );
});

it('takes an API server that is silent for too long for dead, and finds it again when it goes on', async () => {
  const { namespace, client } = await newGroup(plane, { initialCount: 1 });
  const waiter = await openClient({ kubeconfig: plane.kubeconfig, namespace, idleTimeoutMs: 2_000 });
  const failures: string[] = [];
  const { waiting } = await startWait(waiter, { timeoutMs: 90_000, onRetry: ({ message }) => failures.push(message) });
  const apiServer = plane.processIds.apiServer ?? 0;
  process.kill(apiServer, 'SIGSTOP');
  try {
    expect(failures).toEqual([]);
    await eventually('the end of its patience', () => failures.length > 0);
  } finally {
    process.kill(apiServer, 'SIGCONT');
  }
  await client.done('batch');
  await expect(waiting).resolves.toMatchObject({ status: { counter: 0 } });
  expect(failures[0]).toBe('the watch received nothing for 2s');
});

const nextRound = { counter: 9, completions: 1 };
const disk = { message: 'no space left' };
it.each<[string, (client: WaitGroupClient) => Promise<unknown>, unknown]>([
  ['ended', (client) => client.done('batch'), { status: nextRound }],
  ['failed', (client) => client.fail('batch', disk), { name: 'WaitGroupFailedError', lastStatus: nextRound }],
])('notices a round that %s while it was disconnected, although etcd has compacted it', async (_, end, outcome) => {
  const { direct, proxy, open } = await newFaultedGroup(plane, 1);
  const { waiting } = await startWait(open(), { timeoutMs: 90_000 });
  const { resourceVersion = '' } = (await direct.get('batch')).metadata;
  proxy.refuseConnections();
  await end(direct);
  await direct.add('batch', 9);
  await plane.compactEtcd();
  // What the API server itself remembers.
  await plane.restartApiServer();
  const api = new WaitGroupApi(new KubeTransport(await connect({ kubeconfig: plane.kubeconfig, env: {} })), 'test');
  const { namespace } = direct;
  await expect(api.getAt({ namespace, name: 'batch' }, resourceVersion)).rejects.toMatchObject({ name: 'GoneError' });
  await proxy.acceptConnections();
  expect(await waiting.catch((error: unknown) => error)).toMatchObject(outcome as object);
});

it('goes on with the token that has taken the place of a revoked one', async ({ skip }) => {
  needPods(skip);
  const { namespace, client } = await newGroup(plane, { initialCount: 1 });
  const account = { namespace, serviceAccount: 'waiter' };
  await grantRules(plane, { namespace, rules: workerRules('batch'), name: 'waiter' });
  await kubectlOutput(plane, ['create', 'secret', 'generic', 'binding', '-n', namespace]);
  const revoked = await createToken(plane, { ...account, boundSecret: 'binding' });
  const folder = new ServiceAccountFolder(plane, { namespace, token: revoked });
  const wait = startKoncliInPod(['wg', 'wait', 'batch'], { server: plane.server, folder });
  await listen(wait)('counter 1');
  folder.replaceToken(await createToken(plane, account));
  await kubectlOutput(plane, ['delete', 'secret', 'binding', '-n', namespace]);
  // A watch outlives its token, and the API server remembers for a while that it knew it.
  await plane.restartApiServer();
  await expectUnauthorized(revoked);
  await client.done('batch');
  expect(await wait.result).toMatchObject({ code: 0, stdout: expect.stringContaining('batch is done') });
});

async function expectUnauthorized(token: string): Promise<void> {
  const address = ['--server', plane.server, '--certificate-authority', plane.certificateAuthority];
  const args = ['get', '--raw', '/version', ...address, '--token', token];
  const { stderr } = await kubectl(plane, args, { kubeconfig: '/dev/null' });
  expect(stderr).toContain('Unauthorized');
}

it('ends when the CRD is deleted, whether its group was there or not', async () => {
  const { namespace } = await newGroup(plane, { initialCount: 1 });
  const waits = ['batch', 'late'].map((name) => startKoncli(['wg', 'wait', name, '-n', namespace], plane));
  const [there, late] = await Promise.all(
    waits.map(async (wait) => {
      await listen(wait)('/');
      return wait;
    }),
  );
  await kubectlOutput(plane, ['delete', '-f', CRD]);
  expect(await there?.result).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/"batch" in namespace \S+ was deleted/),
  });
  expect(await late?.result).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/the API server does not serve WaitGroups/),
  });
  expect(await koncli(['wg', 'wait', 'batch', '-n', namespace], plane)).toMatchObject({ code: 2 });
});
