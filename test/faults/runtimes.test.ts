import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { type Runtime, runCalls } from '../support/processes/runtimes.ts';
import type { Fault } from './fault-proxy.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { cutResponse, endInBand, firstDo, loseResponse, loseResponseAfter, resetBefore, swallow } from './faults.ts';

const access = inject('controlPlane');

async function newGroup(runtime: Runtime) {
  const group = await newFaultedGroup(access, 5);
  const { namespace } = group.proxy.connection;
  const kubeconfig = group.proxy.writeKubeconfig(join(access.directory, `${namespace}.kubeconfig`));
  const run = (...calls: Parameters<typeof runCalls>[1]['calls']) =>
    runCalls(runtime, { kubeconfig, namespace, calls });
  return { ...group, run };
}

describe.each(['node', 'bun'] as const)('the client on %s', (runtime) => {
  it.each<[string, Fault]>([
    ['its response is lost', loseResponse],
    ['half of its response arrives', cutResponse],
    ['it does not arrive', resetBefore],
  ])('counts an operation once when %s', async (_, fault) => {
    const { proxy, run, counter } = await newGroup(runtime);
    proxy.onWrite(fault, fault);
    expect(await run(['done', 'batch', 2])).toEqual([{ verb: 'done', counter: 3 }]);
    expect(await counter()).toBe(3);
  });

  it('counts an operation once when its response is lost and twenty others come after it', async () => {
    const { proxy, run, counter, churn } = await newGroup(runtime);
    proxy.onWrite(loseResponseAfter(() => churn(20)));
    expect(await run(['done', 'batch', 2])).toEqual([{ verb: 'done', counter: 3 }]);
    expect(await counter()).toBe(3);
  });

  it.each([
    ['a create', 'onCreate', ['create', { name: 'new' }, { timeoutMs: 2_000 }]],
    ['an operation', 'onWrite', ['done', 'batch', 2, { timeoutMs: 2_000 }]],
  ] as const)('gives up %s in time, and calls it unknown, when no response arrives', async (_, kind, call) => {
    const { proxy, run } = await newGroup(runtime);
    proxy[kind](swallow);
    expect(await run([...call])).toEqual([{ verb: call[0], error: expect.stringMatching(/^UnknownOutcomeError: /) }]);
  });

  it('retries a watch that is cut, that fails and that is too old', async () => {
    const { proxy, run, direct } = await newGroup(runtime);
    const done = () => direct.done('batch', 1);
    proxy.onWatch(firstDo(done, cutResponse), firstDo(done, endInBand(500)), firstDo(done, endInBand(410)));
    const [outcome] = await Promise.all([run(['wait', 'batch', { timeoutMs: 60_000 }]), finish()]);
    expect(outcome).toEqual([{ verb: 'wait', counter: 0 }]);

    async function finish(): Promise<void> {
      await expect.poll(() => proxy.requests.filter((label) => label === 'GET watch').length).toBe(4);
      await direct.done('batch', 2);
    }
  });
});
