import { currentStatus, type WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Fault, startFaultProxy } from '../../faults/fault-proxy.ts';
import { firstDo, loseResponse, meet } from '../../faults/faults.ts';
import { openClient, restrictedKubeconfig } from '../../support/cluster/client-access.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import type { PolicyRule } from '../../support/cluster/permissions.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'add-create');
});

const addTo = (...args: string[]) => ['wg', 'add', 'batch', '-n', namespace, '--create', ...args];
const read = () => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', 'batch', '-n', namespace]);
const onGroups = (...verbs: string[]) => ({ apiGroups: ['konductor.io'], resources: ['waitgroups'], verbs });
const kubeconfigWith = (...rules: PolicyRule[]) =>
  restrictedKubeconfig(controlPlane, { namespace, rules, name: 'creator' });
const said = (text: string) => ({ code: 0, stdout: `waitgroup.konductor.io/batch ${text}\n`, stderr: '' });

describe('koncli waitgroup add --create', () => {
  it('creates a missing WaitGroup and counts; leaves an existing one as it is', async () => {
    expect(await koncli(addTo('--ttl', '1h', '--delta', '2'), controlPlane)).toEqual(said('added 2, counter is 2'));
    expect(await koncli(addTo('--ttl', '60m'), controlPlane)).toEqual(said('added 1, counter is 3'));
    expect(await read()).toMatchObject({ spec: { ttl: '1h' }, status: { counter: 3, added: 3 } });
  });

  it('counts each of 50 processes once that create it at the same time', async () => {
    const proxy = await startFaultProxy(controlPlane, namespace);
    const together = meet(50);
    proxy.onCreate(...Array<Fault>(50).fill(together));
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const add = () => koncli(addTo('--timeout', '10m'), { kubeconfig });
    const results = await Promise.all(Array.from({ length: 50 }, add));
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']));
    expect((await read()).status).toMatchObject({ counter: 50, added: 50, completions: 0 });
  });

  it.each([
    ['ttl', '1h', 'a TTL of 1h'],
    ['ttl', undefined, 'no TTL'],
    ['deadline', '2h', 'a deadline of 2h'],
    ['deadline', undefined, 'no deadline'],
  ])('warns that --%s changes nothing when the WaitGroup exists with %s', async (flag, value, existing) => {
    await koncli(addTo(...(value ? [`--${flag}`, value] : [])), controlPlane);
    expect(await koncli(addTo(`--${flag}`, '5m'), controlPlane)).toEqual({
      ...said('added 1, counter is 2'),
      stderr: `koncli: waitgroup "batch" exists already with ${existing}: --${flag} was ignored\n`,
    });
  });

  it('counts for an account that may create, but not count; denies it the next add, and changes nothing', async () => {
    const kubeconfig = await kubeconfigWith(onGroups('create', 'get'));
    expect(await koncli(addTo('--delta', '2'), { kubeconfig })).toEqual(said('added 2, counter is 2'));
    const { code, stderr } = await koncli(addTo(), { kubeconfig });
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^koncli: .* is forbidden/)]);
    expect((await koncli(['wg', 'done', 'batch', '-n', namespace], controlPlane)).stdout).toMatch('counter is 1');
  });

  it('counts for an account that may not create if the WaitGroup exists; else names one grant for both', async () => {
    const status = { ...onGroups('update'), resources: ['waitgroups/status'] };
    const kubeconfig = await kubeconfigWith(onGroups('get', 'list', 'watch'), status);
    const { code, stderr } = await koncli(addTo(), { kubeconfig });
    expect([code, stderr]).toEqual([4, expect.stringMatching(/grant all that add needs .*"update".*"create"/)]);
    await koncli(addTo(), controlPlane);
    expect(await koncli(addTo(), { kubeconfig })).toEqual(said('added 1, counter is 2'));
  });

  it.each([
    ['-1', 'koncli: waitgroup "batch": the counter is 0, a change of -1 would take it below zero; nothing was changed'],
  ])('creates nothing for a delta of %s', async (delta, message) => {
    const { code, stderr } = await koncli(addTo(`--delta=${delta}`), controlPlane);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    await expect(read()).rejects.toThrow('not found');
  });

  it('reports a missing namespace', async () => {
    const { code, stderr } = await koncli(['wg', 'add', 'batch', '--create', '-n', 'nowhere'], controlPlane);
    expect([code, stderr]).toEqual([
      2,
      'koncli: namespaces "nowhere" not found: create it, or select another with -n\n',
    ]);
  });

  it('counts once when the responses to all writes are lost', async () => {
    const proxy = await startFaultProxy(controlPlane, namespace);
    proxy.onCreate(loseResponse);
    proxy.onWrite(loseResponse);
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const { code, stdout } = await koncli(addTo(), { kubeconfig });
    expect({ code, stdout, stderr: '' }).toEqual(said('added 1, counter is 1'));
    expect((await read()).status).toMatchObject({ counter: 1, added: 1 });
    expect(proxy.requests.filter((request) => request === 'POST list')).toHaveLength(2);
  });

  it('counts once when it is killed after the create and run again with its operation ID', async () => {
    const proxy = await startFaultProxy(controlPlane, namespace);
    const { promise: isCreated, resolve } = Promise.withResolvers<unknown>();
    proxy.onCreate(async (request) => resolve(await request.forward()));
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const killed = startKoncli(addTo('--operation-id', 'start-7'), { kubeconfig });
    await isCreated;
    killed.process.kill('SIGKILL');
    expect((await killed.result).code).toBe('SIGKILL');
    expect(await read()).not.toHaveProperty('status');
    const repeated = said('unchanged (operation start-7 was already counted), counter is 1');
    expect(await koncli(addTo('--operation-id', 'start-7'), controlPlane)).toEqual(repeated);
    expect(await koncli(addTo(), controlPlane)).toEqual(said('added 1, counter is 2'));
  });
});

describe('a WaitGroup that koncli waitgroup add --create created', () => {
  it('keeps its count when a manifest without initialCount is applied later', async () => {
    await koncli(addTo('--delta', '2'), controlPlane);
    const before = await read();
    const manifest = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: 'batch' } };
    const input = JSON.stringify({ ...manifest, spec: { ttl: '2h' } });
    for (const flag of ['--server-side', '--server-side=false'])
      await kubectlOutput(controlPlane, ['apply', '-n', namespace, flag, '-f', '-'], { input });
    expect(await read()).toMatchObject({ spec: { ttl: '2h', initialCount: 2 }, status: before.status });
    const replaced = await kubectl(controlPlane, ['replace', '-n', namespace, '-f', '-'], { input });
    expect(replaced.stderr).toMatch('spec.initialCount is immutable');
  });

  it.each([
    ['with an operator', true],
    ['without an operator', false],
  ])('is never Done before its last done: %s', async (_, isOperated) => {
    if (isOperated) await startOperatorIn(namespace, await installOperator(controlPlane));
    const seen = await record();
    const waiter = startKoncli(['wg', 'wait', 'batch', '-n', namespace], controlPlane);
    const hears = listen(waiter);
    await hears('not yet created');
    const proxy = await startFaultProxy(controlPlane, namespace);
    // The waiter reads the WaitGroup before its creator sends another request.
    proxy.onWrite(firstDo(() => hears('counter ')));
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    await Promise.all(Array.from({ length: 10 }, () => koncli(addTo(), { kubeconfig })));
    expect(await koncli(['wg', 'done', 'batch', '-n', namespace, '--delta', '10'], controlPlane)).toMatchObject({
      code: 0,
    });
    expect((await waiter.result).stdout).toMatch('is done, 10 added in total');
    await eventually('the completion', () => seen.some(isDone));
    expect(seen.slice(0, seen.findIndex(isDone)).map(counterOf)).not.toContain(0);
    expect(seen.find(isDone)?.status).toMatchObject({ added: 10, completions: 1 });
  });
});

const isDone = ({ status }: WaitGroup) => status?.phase === 'Done';
const counterOf = (group: WaitGroup) => currentStatus(group).counter;

/** All states of the WaitGroup, as they come. */
async function record(): Promise<WaitGroup[]> {
  const client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const seen: WaitGroup[] = [];
  const { promise: isListed, resolve } = Promise.withResolvers<void>();
  const watch = async () => {
    for await (const event of client.watch({ signal: controller.signal }))
      if (event.type === 'LISTED') resolve();
      else seen.push(event.object);
  };
  void watch();
  await isListed;
  return seen;
}
