import { expect, inject, it } from 'vitest';
import { koncli } from '../support/koncli-process.ts';
import { createNamespace } from '../support/namespaces.ts';
import { expectOnceWithin } from '../support/once-within.ts';
import { needPods, ServiceAccountFolder, startKoncliInPod } from '../support/pod-process.ts';
import { createToken } from '../support/tokens.ts';
import { grantRules, workerRules } from './client-access.ts';
import { listen } from './koncli-fixtures.ts';

const controlPlane = inject('controlPlane');

/** koncli in a pod of its own, whose account has the rights of a worker on the group `batch`. */
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
