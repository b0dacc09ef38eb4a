import { hostname } from 'node:os';
import type { WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { startFaultProxy } from '../../../faults/fault-proxy.ts';
import { restrictedKubeconfig, workerRules } from '../../../support/cluster/client-access.ts';
import { createNamespace } from '../../../support/cluster/namespaces.ts';
import { koncli, startKoncli } from '../../../support/processes/koncli-process.ts';
import { kubectlJson } from '../../../support/processes/kubectl.ts';
import { eventually } from '../../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'fail');
  await wg('create', 'batch', '--initial-count', '3');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const fail = (message: string, ...args: string[]) => wg('fail', 'batch', '--message', message, ...args);
const read = () => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', 'batch', '-n', namespace]);
const said = (text: string) => ({ code: 0, stdout: `waitgroup.konductor.io/batch ${text}\n`, stderr: '' });
const by = hostname();

describe('koncli waitgroup fail', () => {
  it('lowers the counter and records the failure', async () => {
    expect(await fail('no space left', '--reason', 'DiskFull')).toEqual(said('failed (DiskFull), counter is 2'));
    expect((await read()).status).toMatchObject({
      counter: 2,
      outcome: 'Failed',
      failures: 1,
      failure: { reason: 'DiskFull', message: 'no space left', worker: by },
      recentOperations: [{ delta: -1, by }],
    });
  });

  it('has a default reason, and finishes as much work as --delta says', async () => {
    expect(await fail('x', '--delta', '3')).toEqual(said('failed (WorkerFailed), counter is 0'));
    expect((await read()).status).toMatchObject({ phase: 'Done', outcome: 'Failed', completions: 1 });
  });

  it('reports an earlier failure, which stands, and still lowers the counter', async () => {
    await fail('no space left', '--reason', 'DiskFull');
    expect(await fail('out of memory')).toEqual(said(`failed before (DiskFull, by ${by}); done 1, counter is 1`));
    expect((await read()).status).toMatchObject({ counter: 1, failures: 1, failure: { message: 'no space left' } });
  });

  it('fails the round for an onlooker, once, with a delta of 0', async () => {
    expect(await fail('cancelled', '--delta', '0')).toEqual(said('failed (WorkerFailed), counter is 3'));
    const { metadata, status } = await read();
    expect(status).toMatchObject({ counter: 3, outcome: 'Failed', recentOperations: [{ delta: 0 }] });
    expect(await fail('again', '--delta', '0')).toEqual(
      said(`unchanged (failed before: WorkerFailed, by ${by}), counter is 3`),
    );
    expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  it('is what a later add to the same round is warned of, and one to the next round is not', async () => {
    await fail('no space left', '--reason', 'DiskFull', '--delta', '2');
    const warning = `koncli: waitgroup "batch" has failed (DiskFull), and stays failed until its counter is zero: waits end with exit code 6; for more, run koncli waitgroup status batch -n ${namespace}\n`;
    expect(await wg('add', 'batch')).toEqual({ ...said('added 1, counter is 2'), stderr: warning });
    const ran = await koncli(['wg', 'run', 'batch', '-n', namespace, '--', 'true'], controlPlane);
    expect(ran.stderr).toBe(warning);
    expect(await wg('add', 'batch', '--delta', '-2')).toEqual(said('added -2, counter is 0'));
    expect(await wg('add', 'batch')).toEqual(said('added 1, counter is 1'));
  });

  it('lets one of two at once win; both succeed', async () => {
    const both = await Promise.all([fail('one', '--reason', 'One'), fail('two', '--reason', 'Two')]);
    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const { status } = await read();
    const first = status?.failure?.reason;
    const lines = both.map(({ stdout }) => stdout.replace('waitgroup.konductor.io/batch ', '').trim()).sort();
    expect(lines).toEqual([
      `failed (${first}), counter is 2`,
      `failed before (${first}, by ${by}); done 1, counter is 1`,
    ]);
    expect(status).toMatchObject({ counter: 1, failures: 1 });
  });

  it('prints the WaitGroup as -o says', async () => {
    expect(JSON.parse((await fail('x', '-o', 'json')).stdout).status).toMatchObject({ counter: 2, outcome: 'Failed' });
    expect(parse((await fail('x', '-o', 'yaml')).stdout).status.counter).toBe(1);
    expect((await fail('x', '-o', 'name')).stdout).toBe('waitgroup.konductor.io/batch\n');
  });

  it('is undone by neither set nor done, but by the next round', async () => {
    await fail('x');
    await wg('done', 'batch');
    await wg('set', 'batch', '--counter', '0', '--reason', 'x');
    expect((await read()).status).toMatchObject({ counter: 0, outcome: 'Failed', completions: 1, failures: 1 });
    await wg('add', 'batch');
    const { status } = await read();
    expect([status?.outcome, status?.failure, status?.failures]).toEqual([undefined, undefined, 1]);
    await wg('done', 'batch');
    expect((await wg('get', 'batch', '-o', 'wide')).stdout).toMatch(/OUTCOME(.|\n)* Succeeded /);
  });
});

describe('the message of koncli waitgroup fail', () => {
  it.each([
    ['is kept in any language', 'Platte voll: 磁盘已满 💾', 'Platte voll: 磁盘已满 💾'],
    ['is cut when it is too long', '💾'.repeat(5_000), `${'💾'.repeat(1_023)}…`],
    ['is kept with its lines', 'one\ntwo', 'one\ntwo'],
  ])('%s', async (_, message, stored) => {
    expect(await fail(message)).toMatchObject({ code: 0 });
    expect((await read()).status?.failure?.message).toBe(stored);
  });

  it('is printed without control characters and changes of the text direction', async () => {
    await fail('red\x1b[31m\r\nline\u202e two\ttab');
    const printed = 'red [31m line two tab';
    expect((await wg('status', 'batch')).stdout).toContain(`Failed: WorkerFailed: ${printed} (by ${by}, `);
    expect((await wg('wait', 'batch')).stderr).toContain(` failed: WorkerFailed: ${printed} (by ${by}, `);
    expect((await koncli(['status', '-n', namespace], controlPlane)).stdout).toContain(printed);
  });
});

describe('koncli waitgroup fail, rejected', () => {
  it('changes nothing while no work is outstanding', async () => {
    await wg('done', 'batch', '--delta', '3');
    const before = await read();
    for (const delta of ['0', '1'])
      expect(await fail('x', '--delta', delta)).toEqual({
        code: 1,
        stdout: '',
        stderr:
          'koncli: waitgroup "batch": no work is outstanding, so nothing can fail; nothing was changed: report a failure before the last work is marked done\n',
      });
    expect((await read()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('changes nothing when the counter would fall below zero', async () => {
    const { code, stderr } = await fail('x', '--delta', '4');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('the counter is 3, a change of -4 would take it below zero'),
    ]);
    expect((await read()).status?.outcome).toBeUndefined();
  });

  it('reports a WaitGroup that does not exist', async () => {
    const { code, stderr } = await wg('fail', 'nope', '--message', 'x');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^koncli: waitgroup "nope" not found in [^\n]*\n$/)]);
  });

  it('names the permissions that it needs', async () => {
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch').slice(0, 1) });
    const { code, stderr } = await koncli(['wg', 'fail', 'batch', '--message', 'x'], { kubeconfig });
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/^koncli: .*grant all that fail needs with .*\["get","list","watch"\].*\["update"\].*\n$/),
    ]);
    expect((await read()).status?.outcome).toBeUndefined();
  });

  it('needs the permissions of done', async () => {
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace, rules: workerRules('batch') });
    expect(await koncli(['wg', 'fail', 'batch', '--message', 'x'], { kubeconfig })).toMatchObject({ code: 0 });
  });
});

describe('koncli waitgroup fail with an operation ID', () => {
  it('counts once when it is killed before it knows, and run again', async () => {
    const proxy = await startFaultProxy(controlPlane, namespace);
    const { promise: isWritten, resolve } = Promise.withResolvers<void>();
    proxy.onWrite(async (request) => {
      await request.forward();
      resolve();
    });
    const kubeconfig = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`);
    const args = ['fail', 'batch', '--message', 'x', '--operation-id', 'job-7'];
    const killed = startKoncli(['wg', ...args, '-n', namespace], { kubeconfig });
    await isWritten;
    killed.process.kill('SIGKILL');
    expect((await killed.result).code).toBe('SIGKILL');
    await eventually('the write', async () => (await read()).status?.counter === 2);
    expect(await wg(...args)).toEqual(said('unchanged (operation job-7 was already counted), counter is 2'));
    expect(await wg(...args, '-o', 'name')).toMatchObject({
      stderr: 'koncli: operation job-7 was already counted; nothing was changed\n',
    });
    expect((await read()).status).toMatchObject({ counter: 2, failures: 1 });
  });

  it('rejects an ID that another change has', async () => {
    await wg('add', 'batch', '--operation-id', 'job-7');
    const { code, stderr } = await fail('x', '--operation-id', 'job-7');
    expect([code, stderr]).toEqual([1, expect.stringContaining('operation ID "job-7" was used for a change of 1')]);
  });
});
