// Events of a leader that was killed before it had published them.
import { WaitGroupClient } from '@konductor/client';
import { expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { create, transport } from '../../support/cluster/raw-requests.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const GROUPS = 100;
const controlPlane = inject('controlPlane');

interface KubeEvent {
  readonly reason: string;
  readonly involvedObject: { readonly name: string };
}

it('each completion is told once, though the operator that recorded it was killed', async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'killed');
  const client = new WaitGroupClient(transport, { namespace });
  const names = Array.from({ length: GROUPS }, (_, index) => `group-${index}`);
  const completed = async () => (await client.list()).filter(({ status }) => status?.completedAt !== undefined).length;
  const told = async () => {
    const { items } = await kubectlJson<{ items: KubeEvent[] }>(controlPlane, ['get', 'events', '-n', namespace]);
    return items.map(({ reason, involvedObject }) => `${involvedObject.name} ${reason}`);
  };

  const killed = await startOperatorIn(namespace, kubeconfig);
  await inParallel(names, (name) => create(namespace, { metadata: { name }, spec: { initialCount: 1 } }));
  // However fast it is, some are left for the next one.
  const [meanwhile, afterwards] = [names.slice(0, GROUPS / 2), names.slice(GROUPS / 2)];
  const written = inParallel(meanwhile, (name) => client.done(name));
  await eventually(async () => (await completed()) > 0, { what: 'the first completion', intervalMs: 5 });
  process.kill(killed.pid, 'SIGKILL');
  await killed.exited;
  await written;
  await inParallel(afterwards, (name) => client.done(name));
  const [recorded, toldBefore] = [await completed(), (await told()).length];

  const next = await startOperatorIn(namespace, kubeconfig);
  await eventually(async () => (await completed()) === GROUPS, { what: 'all completions' });
  await eventually(async () => (await told()).length >= GROUPS, { what: 'all Events' });
  console.info(`killed after ${recorded} completions, of which it had told ${toldBefore}`);
  await next.stop();
  expect((await told()).toSorted()).toEqual(names.map((name) => `${name} Completed`).toSorted());
  expect(next.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
});
