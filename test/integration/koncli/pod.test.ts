import { expect, inject, it } from 'vitest';
import { grantRules, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createToken } from '../../support/cluster/tokens.ts';
import { needPods, ServiceAccountFolder, startKoncliInPod } from '../../support/pods/pod-process.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const controlPlane = inject('controlPlane');

/** koncli in a pod of its own, whose account has the permissions of a worker on the group `batch`. */
async function startInPod(...args: string[]) {
  const namespace = await createNamespace(controlPlane, 'pod');
  await koncli(['wg', 'create', 'batch', '--initial-count', '1', '-n', namespace], controlPlane);
  await grantRules(controlPlane, { namespace, rules: workerRules('batch'), name: 'worker' });
  const token = await createToken(controlPlane, { namespace, serviceAccount: 'worker' });
  const folder = new ServiceAccountFolder(controlPlane, { namespace, token });
  return { namespace, pod: startKoncliInPod(args, { server: controlPlane.server, folder }) };
}

it('a wait as PID 1 of a pod ends when the work is done', async ({ skip }) => {
  needPods(skip);
  const { namespace, pod } = await startInPod('wg', 'wait', 'batch');
  await listen(pod)('counter 1');
  await koncli(['wg', 'done', 'batch', '-n', namespace], controlPlane);
  expect(await pod.result).toMatchObject({ code: 0, stdout: expect.stringContaining('/batch is done') });
});

it.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('a wait as PID 1 of a pod ends within a second of %s', async ([signal, code], { skip }) => {
  needPods(skip);
  await expectOnceWithin(1_000, async () => {
    const { pod } = await startInPod('wg', 'wait', 'batch');
    await listen(pod)('counter 1');
    const sentAt = performance.now();
    await pod.kill(signal);
    expect(await pod.result).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(`\nkoncli: stopped by ${signal}\n`),
    });
    return performance.now() - sentAt;
  });
});
