import { describe, expect, inject, it } from 'vitest';
import { restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubeconfigOfNobody } from '../../support/processes/koncli-fixtures.ts';
import { runCalls } from '../../support/processes/runtimes.ts';

const access = inject('controlPlane');

describe.each(['node', 'bun'] as const)('the client on %s', (runtime) => {
  it('counts, fails and waits', async () => {
    const namespace = await createNamespace(access, 'runtime');
    const outcomes = await runCalls(runtime, {
      kubeconfig: access.kubeconfig,
      namespace,
      calls: [
        ['create', { name: 'batch', spec: { ttl: '1h' } }],
        ['add', 'batch', 3],
        [
          ['wait', 'batch', { timeoutMs: 60_000 }],
          ['done', 'batch', 1],
          ['done', 'batch', 2],
          ['done', 'batch', 1],
        ],
        ['add', 'batch', 2],
        ['fail', 'batch', { message: 'no space left' }],
        ['wait', 'batch'],
        ['list'],
        ['delete', 'batch'],
        ['get', 'batch'],
      ],
    });
    expect(outcomes).toEqual([
      { verb: 'create' },
      { verb: 'add', counter: 3 },
      { verb: 'wait', counter: 0 },
      { verb: 'done', counter: 0 },
      { verb: 'done', counter: 0 },
      { verb: 'done', error: expect.stringMatching(/^CounterRejectedError: .*below zero/) },
      { verb: 'add', counter: 2 },
      { verb: 'fail', counter: 1 },
      { verb: 'wait', error: expect.stringMatching(/^WaitGroupFailedError: .*WorkerFailed: no space left/) },
      { verb: 'list' },
      { verb: 'delete' },
      { verb: 'get', error: expect.stringMatching(/^WaitGroupNotFoundError: .*not found/) },
    ]);
  });

  it("acts with the permissions of a pod's token", async () => {
    const namespace = await createNamespace(access, 'runtime');
    const kubeconfig = await restrictedKubeconfig(access, { namespace, rules: workerRules('batch') });
    await runCalls(runtime, { kubeconfig: access.kubeconfig, namespace, calls: [['create', { name: 'batch' }]] });
    const calls = [
      ['add', 'batch', 2],
      ['create', { name: 'other' }],
    ] as const;
    expect(await runCalls(runtime, { kubeconfig, namespace, calls })).toEqual([
      { verb: 'add', counter: 2 },
      { verb: 'create', error: expect.stringMatching(/^ForbiddenError: /) },
    ]);
  });

  it('knows that a refused connection carried nothing', async () => {
    const target = { kubeconfig: await kubeconfigOfNobody(access), namespace: 'default' };
    const calls = [
      ['create', { name: 'batch' }, { timeoutMs: 1_000 }],
      ['add', 'batch', 1, { timeoutMs: 1_000 }],
    ] as const;
    expect(await runCalls(runtime, { ...target, calls })).toEqual([
      { verb: 'create', error: expect.stringMatching(/^TimedOutError: /), isServerUnavailable: true },
      { verb: 'add', error: expect.stringMatching(/^TimedOutError: /), isServerUnavailable: true },
    ]);
  });
});
