import { hostname } from 'node:os';
import { MAX_RECENT_OPERATIONS, type WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { loseResponse, loseResponseAfter } from '../../faults/faults.ts';
import { openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'set');
  await wg('create', 'batch', '--initial-count', '3');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const setTo = (counter: number, ...args: string[]) =>
  wg('set', 'batch', '--counter', `${counter}`, '--reason', 'worker-7 was evicted', ...args);
const read = () => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', 'batch', '-n', namespace]);
const said = (text: string) => ({ code: 0, stdout: `waitgroup.konductor.io/batch ${text}\n`, stderr: '' });

interface Event {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: object;
}

async function events(): Promise<readonly Event[]> {
  const args = ['get', 'events', '-n', namespace];
  return (await kubectlJson<{ items: readonly Event[] }>(controlPlane, args)).items;
}

describe('koncli waitgroup set', () => {
  it('raises and lowers the counter like a change of that size', async () => {
    expect(await setTo(5)).toEqual(said('set from 3 to 5'));
    expect((await read()).status).toMatchObject({ counter: 5, phase: 'Waiting', added: 5, completions: 0 });
    expect(await setTo(1)).toEqual(said('set from 5 to 1'));
    expect(await setTo(0)).toEqual(said('set from 1 to 0'));
    const { status } = await read();
    expect(status).toMatchObject({ counter: 0, phase: 'Done', added: 5, completions: 1, addedAtCompletion: 5 });
    const by = hostname();
    expect(status?.recentOperations).toMatchObject([
      { delta: -1, by },
      { delta: -4, by },
      { delta: 2, by },
    ]);
  });

  it('creates an Event that says who changed what, and why', async () => {
    await setTo(0);
    const { uid } = (await read()).metadata;
    expect(await events()).toMatchObject([
      {
        type: 'Normal',
        reason: 'CounterSet',
        message: `${hostname()} set the counter from 3 to 0: worker-7 was evicted`,
        involvedObject: { kind: 'WaitGroup', name: 'batch', namespace, uid },
        source: { component: 'koncli', host: hostname() },
      },
    ]);
  });

  it('writes nothing when the counter has the value already', async () => {
    const before = await read();
    expect(await setTo(3)).toEqual(said('unchanged, counter is 3'));
    expect((await read()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(await events()).toEqual([]);
  });

  it('wakes waiters', async () => {
    const waiter = startKoncli(['wg', 'wait', 'batch', '--timeout', '30s', '-n', namespace], controlPlane);
    await setTo(0);
    expect(await waiter.result).toMatchObject({ code: 0, stdout: expect.stringContaining('is done') });
  });

  it('prints the WaitGroup as -o says', async () => {
    expect(JSON.parse((await setTo(2, '-o', 'json')).stdout).status.counter).toBe(2);
    expect((await setTo(1, '-o', 'name')).stdout).toBe('waitgroup.konductor.io/batch\n');
  });

  it('reports a missing WaitGroup', async () => {
    const { code, stderr } = await wg('set', 'nope', '--counter', '0', '--reason', 'x');
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^koncli: waitgroup "nope" not found in namespace .*\n$/),
    ]);
  });
});

describe('koncli waitgroup set by an account that may', () => {
  it('count but not create Events, repairs the counter and warns with the missing rule', async () => {
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch') });
    const result = await koncli(['wg', 'set', 'batch', '--counter', '0', '--reason', 'x'], { kubeconfig });
    expect(result).toMatchObject({ ...said('set from 3 to 0'), stderr: expect.any(String) });
    expect(result.stderr).toMatch(
      /^koncli: the counter was set, but its Event could not be created: .*grant all that set needs with .*\{apiGroups: \[""\], resources: \["events"\], verbs: \["create"\]\}.*\n$/,
    );
  });

  it('not count, changes nothing and creates no Event', async () => {
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch').slice(0, 1) });
    const result = await koncli(['wg', 'set', 'batch', '--counter', '0', '--reason', 'x'], { kubeconfig });
    expect(result).toMatchObject({ code: 4, stdout: '' });
    expect((await read()).status?.counter ?? 3).toBe(3);
    expect(await events()).toEqual([]);
  });
});

describe('koncli waitgroup set whose response is lost', () => {
  it.each([
    ['and nothing else happens', 0],
    ['and more others count than the list remembers', MAX_RECENT_OPERATIONS + 2],
  ])('is recognized as applied, and not repeated, when it was applied %s', async (_, others) => {
    const proxy = await startFaultProxy(controlPlane, namespace);
    const direct = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
    const addOthers = async () => {
      for (let n = 0; n < others; n++) await direct.add('batch');
    };
    proxy.onWrite(others ? loseResponseAfter(addOthers) : loseResponse);
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const args = ['wg', 'set', 'batch', '--counter', '1', '--reason', 'x', '-n', namespace];
    const { code, stdout } = await koncli(args, { kubeconfig });
    expect({ code, stdout, stderr: '' }).toEqual(said('set from 3 to 1'));
    expect((await read()).status?.counter).toBe(1 + others);
    expect(await events()).toHaveLength(1);
  });
});
