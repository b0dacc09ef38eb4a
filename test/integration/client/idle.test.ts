import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startControlPlane } from '../../control-plane/index.ts';
import { INSTALL_MANIFEST } from '../../demo/manifests.ts';
import { apiServerRequestTotal } from '../../support/cluster/api-server-metrics.ts';
import { areServed } from '../../support/cluster/crd.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

/** Several times what any poll would leave unused. */
const IDLE_MS = 4_000;

// A control plane of its own: its count of requests is of these two clients alone.
it('an idle wait and an idle operator ask the API server for nothing beside their watches, by its own metrics', async () => {
  await using resources = new AsyncDisposableStack();
  const controlPlane = await startControlPlane();
  resources.defer(() => controlPlane.stop());
  await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', INSTALL_MANIFEST]);
  await areServed(controlPlane, 'waitgroups');
  const operator = await startOperator({ kubeconfig: await installOperator(controlPlane) });
  resources.defer(async () => void (await operator.stop()));
  await koncli(['waitgroup', 'create', 'group', '--ttl', '1h', '--initial-count', '1'], controlPlane);
  const wait = startKoncli(['waitgroup', 'wait', 'group'], controlPlane);
  await new Promise((resolve) => wait.process.stderr?.once('data', resolve));

  const served = () =>
    Promise.all([apiServerRequestTotal(controlPlane, { group: 'konductor.io' }), counted({ resource: 'events' })]);
  const counted = (filter: { resource: string }) => apiServerRequestTotal(controlPlane, filter);
  // The operator initialises the group, and both watches hear of it.
  const observed = ['get', 'waitgroup', 'group', '-o', 'jsonpath={.status.observedGeneration}'];
  await eventually('the initial status', async () => (await kubectlOutput(controlPlane, observed)) === '1');
  const before = await atRest(served);
  await sleep(IDLE_MS);
  expect(await served()).toEqual(before);

  await koncli(['waitgroup', 'done', 'group'], controlPlane);
  expect((await wait.result).code).toBe(0);
});

/** What it reports twice, a second apart: a request is counted a moment after its response. */
function atRest(measure: () => Promise<number[]>): Promise<number[]> {
  let before: number[] | undefined;
  const isAsBefore = async () => {
    const [previous, now] = [before, await measure()];
    before = now;
    return `${previous}` === `${now}` && now;
  };
  return eventually('rest', isAsBefore, { intervalMs: 1_000 });
}
