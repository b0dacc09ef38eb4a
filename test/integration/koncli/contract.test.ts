import { beforeEach, describe, expect, inject, it } from 'vitest';
import { restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubeconfigOfNobody } from '../../support/processes/koncli-fixtures.ts';
import { type KoncliResult, koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'koncli');
});

const wg = (...args: string[]) => koncli(['waitgroup', ...args, '-n', namespace], controlPlane);
const startWait = (...args: string[]) => startKoncli(['waitgroup', 'wait', ...args, '-n', namespace], controlPlane);
const counter = (name: string) =>
  kubectlOutput(controlPlane, ['get', 'waitgroup', name, '-n', namespace, '-o', 'jsonpath={.status.counter}']);

/** Resolves when the wait has observed the group, which it reports on stderr. */
async function seen({ process }: ReturnType<typeof startKoncli>): Promise<void> {
  await new Promise((resolve) => process.stderr?.once('data', resolve));
}

describe('koncli', () => {
  it('counts 50 adds and 50 dones at once exactly', async () => {
    await wg('create', 'busy');
    const fifty = (verb: string) => Promise.all(Array.from({ length: 50 }, () => wg(verb, 'busy')));
    const failed = (results: KoncliResult[]) => results.filter(({ code }) => code !== 0);
    expect(failed(await fifty('add'))).toEqual([]);
    expect(await counter('busy')).toBe('50');
    expect(failed(await fifty('done'))).toEqual([]);
    expect(await counter('busy')).toBe('0');
  });

  it('wakes a waiter with the last done', async () => {
    await wg('create', 'group', '--initial-count', '2');
    const wait = startWait('group', '--timeout', '30s');
    await seen(wait);
    await wg('done', 'group');
    expect(wait.process.exitCode).toBeNull();
    await wg('done', 'group');
    expect(await wait.result).toMatchObject({ code: 0, stdout: expect.stringContaining('is done') });
  });

  it('ends a wait with 2 when the WaitGroup is deleted', async () => {
    await wg('create', 'doomed', '--initial-count', '1');
    const wait = startWait('doomed', '--timeout', '30s');
    await seen(wait);
    await wg('delete', 'doomed');
    expect(await wait.result).toMatchObject({ code: 2, stderr: expect.stringContaining('was deleted') });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('ends a wait on %s with %i, within a second', async (signal, code) => {
    await wg('create', 'group', '--initial-count', '1');
    await expectOnceWithin(1_000, async () => {
      const wait = startWait('group');
      await seen(wait);
      const sentAt = performance.now();
      wait.process.kill(signal);
      expect((await wait.result).code).toBe(code);
      return performance.now() - sentAt;
    });
  });

  it.each([
    ['a done below zero', ['done', 'idle'], 1, /is 0, a change of -1 would take it below zero/],
    ['a group that is not there', ['add', 'nope'], 2, /"nope" not found/],
    ['a wait that runs out of time', ['wait', 'busy', '--timeout', '4s'], 3, /is not done after 4s/],
    ['a check of work that is outstanding', ['wait', 'busy', '--timeout', '0'], 3, /is not done/],
    ['a selector that is none', ['list', '-l', '!!'], 1, /invalid label selector "!!": .*; write it like app=x/],
    ['a delta that is no number', ['add', 'busy', '--delta', '1.5'], 1, /--delta/],
    ['a flag that is unknown', ['add', 'busy', '--detla', '1'], 1, /unknown option/],
  ])('reports %s by exit code and one line', async (_, args, code, line) => {
    await wg('create', 'idle');
    await wg('create', 'busy', '--initial-count', '1');
    const result = await wg(...args);
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(result.stderr.trim().split('\n').at(-1)).toMatch(line);
  });

  it('names the RBAC rules that are needed and exits with 4', async () => {
    const rules = workerRules('other');
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules });
    await wg('create', 'group');
    const { code, stderr } = await koncli(['waitgroup', 'add', 'group'], { kubeconfig });
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(
        /grant all that add needs with .*konductor\.io.*waitgroups.*get.*waitgroups\/status.*update/,
      ),
    });
  });

  it('counts and waits with the permissions of a worker on one WaitGroup', async () => {
    await wg('create', 'group');
    const rules = workerRules('group');
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules });
    for (const verb of ['add', 'done', 'wait'])
      expect(await koncli(['waitgroup', verb, 'group'], { kubeconfig })).toMatchObject({ code: 0 });
  });

  it('reports an unavailable API server, and exits with 5 on timeout', async () => {
    const kubeconfig = await kubeconfigOfNobody(controlPlane);
    await withEnoughTime(async ({ text }) => {
      const { code, stderr } = await koncli(['waitgroup', 'add', 'group', '--timeout', text], { kubeconfig });
      expect(code).toBe(5);
      expect(stderr).toContain('ECONNREFUSED');
    });
  });

  it('reads namespace and name from the environment', async () => {
    await wg('create', 'group');
    const env = { KONDUCTOR_NAMESPACE: namespace, KONDUCTOR_WAITGROUP: 'group' };
    expect(await koncli(['wg', 'add', '--delta', '3'], { ...controlPlane, env })).toMatchObject({ code: 0 });
    await eventually('the count', async () => (await counter('group')) === '3');
  });

  it('counts an operation that is repeated with one ID once', async () => {
    await wg('create', 'group');
    const add = (...args: string[]) => wg('add', 'group', '--operation-id', 'nightly', ...args);
    const said = (text: string) => ({
      code: 0,
      stdout: `waitgroup.konductor.io/group ${text}, counter is 1\n`,
      stderr: '',
    });
    expect(await add()).toEqual(said('added 1'));
    expect(await add()).toEqual(said('unchanged (operation nightly was already counted)'));
    expect(await add('-o', 'name')).toEqual({
      code: 0,
      stdout: 'waitgroup.konductor.io/group\n',
      stderr: 'koncli: operation nightly was already counted; nothing was changed\n',
    });
    expect(await counter('group')).toBe('1');
  });

  it('prints one plain line for each change without a terminal', async () => {
    await wg('create', 'group', '--initial-count', '1');
    const wait = startWait('group');
    await seen(wait);
    await wg('done', 'group');
    const { stderr } = await wait.result;
    expect(stderr).toMatch(/counter 1.*\n.*counter 0.*\n/);
    expect(stderr).not.toContain('\r');
    expect(stderr).not.toContain('\u001b');
  });
});
