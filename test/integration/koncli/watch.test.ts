import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubeconfigOfNobody, listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let namespace: string;
let direct: Awaited<ReturnType<typeof openClient>>;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'watch');
  direct = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
  await direct.create({ name: 'batch', labels: { app: 'x' } });
  await direct.add('batch', 3);
});

/** Goes on until the test is over. */
function start(args: readonly string[], kubeconfig = controlPlane.kubeconfig) {
  const { process, result } = startKoncli(['wg', ...args, '-n', namespace], { kubeconfig });
  onTestFinished(() => void process.kill('SIGKILL'));
  let stdout = '';
  process.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  const shown = (text: string | RegExp) =>
    eventually(`koncli showing ${text}`, () => (typeof text === 'string' ? stdout.includes(text) : text.test(stdout)));
  return { process, result, shown, said: listen({ process }) };
}

describe('koncli waitgroup get --watch', () => {
  it('shows each change, and exits with 2 when the WaitGroup is deleted', async () => {
    const { result, shown } = start(['get', 'batch', '-w']);
    await shown(/^NAME .*\nbatch +3 +Waiting /);
    await direct.done('batch', 2);
    await shown(/\nbatch +1 +Waiting /);
    await direct.done('batch');
    await shown(/\nbatch +0 +Done /);
    await direct.delete('batch');
    const { code, stdout, stderr } = await result;
    expect([code, stdout.split('\n').length]).toEqual([2, 5]);
    expect(stderr).toMatch(/^koncli: waitgroup "batch" in namespace .* was deleted; its last counter was 0\n$/);
  });

  it('prints a document for each change, until SIGINT', async () => {
    const { process, result, shown } = start(['get', 'batch', '--watch', '-o', 'json']);
    await shown('"counter": 3');
    await direct.done('batch');
    await shown('"counter": 2');
    process.kill('SIGINT');
    const { code, stdout, stderr } = await result;
    expect([code, stderr]).toEqual([130, 'koncli: stopped by SIGINT\n']);
    const documents = JSON.parse(`[${stdout.trim().replaceAll('\n}\n{', '\n},{')}]`);
    expect(documents).toMatchObject([
      { kind: 'WaitGroup', metadata: { name: 'batch' }, status: { counter: 3 } },
      { kind: 'WaitGroup', status: { counter: 2 } },
    ]);
  });

  it('follows the others when one is deleted', async () => {
    await direct.create({ name: 'other' });
    const { result, shown, said } = start(['get', 'batch', 'other', '-w', '-o', 'name']);
    await shown('/batch\n');
    await shown('/other\n');
    await direct.delete('batch');
    await said(`"batch" in namespace "${namespace}" was deleted`);
    await direct.add('other');
    await shown(/(other\n.*){2}/s);
    await direct.delete('other');
    expect(await result).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/"other" in namespace .* was deleted.*\n$/),
    });
  });

  it('exits with 3 on timeout, with 2 at once when the WaitGroup does not exist', async () => {
    await withEnoughTime(async ({ text }) => {
      const { code, stdout, stderr } = await start(['get', 'batch', '-w', '--timeout', text]).result;
      expect([code, stderr]).toEqual([3, `koncli: timed out after ${text}\n`]);
      expect(stdout).toContain('batch');
    });
    const missing = await koncli(['wg', 'get', 'nope', '-w', '-n', namespace], controlPlane);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/^koncli: waitgroup "nope" not found/)]);
  });

  it('exits with 5 on timeout while the API server is unavailable', async () => {
    const kubeconfig = await kubeconfigOfNobody(controlPlane);
    await withEnoughTime(async ({ text }) => {
      const { code, stderr } = await koncli(['wg', 'get', 'batch', '-w', '--timeout', text], { kubeconfig });
      expect([code, stderr]).toEqual([
        5,
        expect.stringMatching(new RegExp(`timed out after ${text}; the API server is unavailable\n$`)),
      ]);
    });
  });

  it('needs no more permissions than wait', async () => {
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch').slice(0, 1) });
    const { shown } = start(['get', 'batch', '-w'], kubeconfig);
    await shown('batch');
  });

  it('ends quietly at the first change after its reader has gone', async () => {
    const { process, result, shown } = start(['get', 'batch', '-w']);
    result.catch(() => {});
    await shown('batch');
    process.stdout?.destroy();
    await direct.done('batch');
    const { code } = await eventually('its end', () => process.exitCode !== null && { code: process.exitCode });
    expect(code).toBe(0);
  });
});

describe('koncli waitgroup list --watch', () => {
  it('shows matching WaitGroups as they are created and change, and reports deletions', async () => {
    const { process, result, shown, said } = start(['list', '-l', 'app=x', '-w']);
    await shown(/\nbatch +3 /);
    await direct.create({ name: 'stranger' });
    await direct.create({ name: 'other', labels: { app: 'x' } });
    await direct.add('other');
    await shown(/\nother +1 /);
    await direct.delete('batch');
    await said('waitgroup.konductor.io/batch deleted\n');
    process.kill('SIGTERM');
    const { code, stdout } = await result;
    expect([code, stdout.includes('stranger')]).toEqual([143, false]);
  });

  it('shows all namespaces', async () => {
    const { shown } = start(['list', '-A', '-w']);
    await shown(new RegExp(`^NAMESPACE +NAME [^]*\\n${namespace} +batch +3 `));
  });
});

describe('koncli waitgroup list', () => {
  it('skips an unreadable WaitGroup with a warning', async () => {
    await direct.create({ name: 'odd' });
    await direct.add('odd');
    const proxy = await startFaultProxy(controlPlane, namespace);
    proxy.onList(async (request) => {
      const answer = await request.forward();
      // As a newer CRD may have it.
      const body = String(answer.body).replace(/("name":"odd".*"phase":)"Waiting"/, '$1"Paused"');
      request.respond({ ...answer, body });
    });
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const { code, stdout, stderr } = await koncli(['wg', 'list', '-o', 'name', '-n', namespace], { kubeconfig });
    expect([code, stdout]).toEqual([0, 'waitgroup.konductor.io/batch\n']);
    expect(stderr).toMatch(
      /^koncli: skipping waitgroup.konductor.io\/odd in namespace ".*": not a WaitGroup of konductor.io\/v1: status.phase .*\n$/,
    );
  });
});
