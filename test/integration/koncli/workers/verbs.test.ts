import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { type Fault, startFaultProxy } from '../../../faults/fault-proxy.ts';
import { createNamespace } from '../../../support/cluster/namespaces.ts';
import { paste } from '../../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../../support/processes/kubectl.ts';
import { eventually } from '../../../support/waiting/eventually.ts';
import { withEnoughTime } from '../../../support/waiting/with-enough-time.ts';
import { PATH } from '../runs.ts';
import { WorkerPods } from './worker-pods.ts';

const controlPlane = inject('controlPlane');
let pods: WorkerPods;
let one: string;

beforeAll(async () => {
  pods = await WorkerPods.create(controlPlane);
  one = await pods.newPod('web-1');
});
afterAll(() => pods.stop());

const inPod = (kubeconfig: string, line: string, env = {}) => koncli(['wg', ...line.split(' ')], { kubeconfig, env });
const prints = (group: string, text: string) => ({
  code: 0,
  stdout: `waitgroup.konductor.io/${group} ${text}\n`,
  stderr: '',
});

describe('koncli with the token of a pod', () => {
  it('counts the pod once, however often its add and done are repeated', async () => {
    const group = await pods.newGroup('--initial-count', '2');
    const add = `add ${group} --worker auto`;
    expect(await inPod(one, add)).toEqual(prints(group, 'added 1 by worker web-1, counter is 3'));
    expect(await inPod(one, add)).toEqual(prints(group, 'unchanged (worker web-1 is already counted), counter is 3'));
    const env = { KONDUCTOR_WORKER_ID: 'auto' };
    expect(await inPod(one, `done ${group}`, env)).toEqual(prints(group, 'done 1 by worker web-1'));
    expect(await inPod(one, `done ${group}`, env)).toEqual(
      prints(group, 'unchanged (worker web-1 has already marked its work done)'),
    );
    await pods.until(group, { counter: 2, added: 3 });
    expect(await inPod(one, `add ${group}`, env)).toEqual(prints(group, 'added 1 by worker web-1, counter is 3'));
  });

  it('marks work that another process has added done, once', async () => {
    const group = await pods.newGroup('--initial-count', '2');
    for (let n = 0; n < 2; n++) await inPod(one, `done ${group} --worker auto`);
    await pods.until(group, { counter: 1, added: 2 });
    expect(await pods.recordOf(group, 'web-1')).toMatchObject({ borrowed: 1, added: 0, state: 'Done' });
  });

  it('fails the WaitGroup in the name of the worker', async () => {
    const group = await pods.newGroup('--initial-count', '2');
    const fail = `fail ${group} --worker auto --reason DiskFull --message full`;
    expect(await inPod(one, fail)).toEqual(prints(group, 'failed (DiskFull) by worker web-1'));
    expect(await inPod(one, fail)).toEqual(prints(group, 'unchanged (worker web-1 has already failed)'));
    expect(await pods.wg('wait', group)).toMatchObject({ code: 6, stderr: expect.stringContaining('DiskFull: full') });
    const failure = { reason: 'DiskFull', message: 'full', worker: 'web-1' };
    expect(await pods.statusOf(group)).toMatchObject({ counter: 1, failure, failures: 1 });
  });

  it('prints the record of the worker as JSON, and its name', async () => {
    const group = await pods.newGroup();
    const { stdout } = await inPod(one, `add ${group} --worker auto -o json`);
    const { kind, metadata, spec } = JSON.parse(stdout);
    expect([kind, spec.worker, spec.pod.name, spec.added]).toEqual(['WaitGroupWorker', 'web-1', 'web-1', 1]);
    expect(metadata.managedFields).toBeUndefined();
    const named = await inPod(one, `done ${group} --worker auto -o name`);
    expect(named.stdout).toBe(`waitgroupworker.konductor.io/${metadata.name}\n`);
  });

  it('is limited to its own record, and says so', async () => {
    const group = await pods.newGroup();
    expect(await inPod(one, `add ${group} --worker web-2`)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('spec.worker web-2 is not pod web-1'),
    });
    expect(await inPod(one, `add ${group} --anonymous`, { KONDUCTOR_WORKER_ID: 'auto' })).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/cannot update resource "waitgroups\/status"/),
    });
  });
});

describe('a worker that another pod has taken over', () => {
  it('is left to that pod: done and fail warn in a pod, and fail elsewhere', async () => {
    const group = await pods.newGroup();
    const [first, second] = [await pods.newPod('etl-0-bbbbb'), await pods.newPod('etl-0-ccccc')];
    const as = `${group} --worker etl-0`;
    for (const pod of [first, second]) await inPod(pod, `add ${as}`);
    const belongs = `worker "etl-0" of waitgroup "${group}" belongs to pod "etl-0-ccccc", which alone can finish its work; nothing was changed`;
    for (const line of [`done ${as}`, `fail ${as} --message m`])
      expect(await inPod(first, line)).toEqual({
        ...prints(group, 'unchanged (worker etl-0 belongs to pod "etl-0-ccccc")'),
        stderr: `koncli: ${belongs}\n`,
      });
    const { code, stdout, stderr } = await pods.wg('done', group, '--worker', 'etl-0');
    expect([code, stdout]).toEqual([1, '']);
    const [, release = ''] = /^koncli: worker .*; nothing was changed: if .*, run koncli (.*)\n$/.exec(stderr) ?? [];
    expect(await koncli(release.split(' '), controlPlane)).toEqual(prints(group, 'released worker etl-0'));
    await pods.until(group, { counter: 0, added: 1 });
    expect(await inPod(second, `done ${as}`)).toEqual(prints(group, 'unchanged (worker etl-0 was already released)'));
  });
});

describe('koncli waitgroup release', () => {
  it('needs the permission to manage, and prints it', async () => {
    const group = await pods.newGroup();
    await inPod(one, `add ${group} --worker auto`);
    const { code, stderr } = await inPod(await pods.newPod('web-3'), `release ${group} --worker web-1`);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /: release needs the RBAC rules .*"waitgroups\/manage"\], resourceNames: \["[^"]+"\], verbs: \["update"\]/,
    );
    expect(await pods.wg('release', group, '--worker', 'web-1')).toEqual(prints(group, 'released worker web-1'));
    expect(await pods.wg('release', group, '--worker', 'web-1')).toEqual(
      prints(group, 'unchanged (worker web-1 was already released)'),
    );
  });

  it('exits with 2 for a worker that is not there', async () => {
    const group = await pods.newGroup();
    expect(await pods.wg('release', group, '--worker', 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^koncli: worker "nobody" not found in waitgroup ".*": to see its workers, run koncli/,
      ),
    });
  });
});

describe('koncli in a pod without a permission', () => {
  it('prints one command that grants all that a worker needs', async () => {
    const group = await pods.newGroup();
    const kubeconfig = await pods.newPod('stranger-1', 'stranger');
    const attempt = () => koncli(['wg', 'run', group, '--', 'true'], { kubeconfig, env: { PATH } });
    const denied = await attempt();
    expect(denied.code).toBe(4);
    const [, command = '', role = ''] = / needs with (echo '(.*)' \| kubectl .*)\n$/.exec(denied.stderr) ?? [];
    const named = { resourceNames: [group] };
    const konductor = (resource: string, ...verbs: string[]) => ({
      ...{ apiGroups: ['konductor.io'], resources: [resource], verbs },
    });
    expect(parse(role).rules).toEqual([
      { ...konductor('waitgroups', 'get', 'list', 'watch'), ...named },
      { ...konductor('waitgroups/report', 'create'), ...named },
      konductor('waitgroupworkers', 'create', 'get', 'list', 'patch'),
    ]);
    await paste(controlPlane, command);
    const allowed = await eventually('the role taking effect', async () => {
      const result = await attempt();
      return result.code !== 4 && result;
    });
    expect(allowed).toMatchObject({ code: 0, stderr: '' });
    await pods.until(group, { counter: 0, added: 1, completions: 1 });
  });
});

describe('koncli waitgroup add of a worker while no operator runs', () => {
  it('exits with 3, because the add is recorded', async () => {
    const namespace = await createNamespace(controlPlane, 'alone');
    const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
    await wg('create', 'batch');
    await withEnoughTime(async ({ text }) => {
      const { code, stderr } = await wg('add', 'batch', '--worker', 'one', '--timeout', text);
      expect([code, stderr]).toEqual([
        3,
        expect.stringMatching(
          /koncli: waitgroup "batch": worker "one" is recorded, but not yet counted after \w+: the operator has counted nothing meanwhile: check that it is running\n$/,
        ),
      ]);
      const words = ['wg', 'run', 'batch', '-n', namespace, '--worker', 'one', '--timeout', text, '--', 'echo', 'ran'];
      const run = await koncli(words, { ...controlPlane, env: { PATH } });
      const notRun =
        /koncli: the command was not run: waitgroup "batch": worker "one" is recorded, but not yet counted /;
      expect(run).toEqual({ code: 3, stdout: '', stderr: expect.stringMatching(notRun) });
    });
  });
});

describe('koncli waitgroup add of a worker where the counter is at its maximum', () => {
  it('says so, because the operator runs and cannot count it', async () => {
    const group = await pods.newGroup('--initial-count', '2147483647');
    await withEnoughTime(async ({ text }) => {
      const { code, stderr } = await pods.wg('add', group, '--worker', 'one', '--timeout', text);
      const isFull = /: the counter is at its maximum of 2147483647: it is counted when other work is marked done\n$/;
      expect([code, stderr]).toEqual([3, expect.stringMatching(isFull)]);
    });
    await pods.wg('done', group);
    await pods.until(group, { counter: 2147483647, added: 2147483648 });
  });
});

describe('a record of an earlier WaitGroup of the name', () => {
  it('is not changed, although its UID begins in the same way', async () => {
    const group = await pods.newGroup();
    await pods.wg('add', group, '--worker', 'one');
    const spec = await pods.recordOf(group, 'one');
    const name = `${group}.one.${spec?.waitGroupUid.slice(0, 8)}`;
    const waitGroupUid = `${spec?.waitGroupUid.slice(0, 8)}-0000`;
    await kubectlOutput(controlPlane, ['delete', 'waitgroupworker', name, '-n', pods.namespace]);
    const foreign = { apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker', metadata: { name } };
    const input = JSON.stringify({ ...foreign, spec: { ...spec, waitGroupUid } });
    await kubectlOutput(controlPlane, ['create', '-f', '-', '-n', pods.namespace], { input });
    const { code, stderr } = await pods.wg('done', group, '--worker', 'one');
    expect(code).toBe(1);
    const [, remedy = ''] = / belongs to another WaitGroup, with UID .*, delete it with (.*)\n$/.exec(stderr) ?? [];
    expect(await pods.recordOf(group, 'one')).toMatchObject({ done: 0, state: 'Active' });
    await paste(controlPlane, remedy);
    expect(await pods.wg('done', group, '--worker', 'one')).toEqual(prints(group, 'done 1 by worker one'));
  });
});

describe('a worker that is a Job', () => {
  it('is left to the operator: whatever claims its ID changes nothing and is told so, but it can be released', async () => {
    const group = await pods.newGroup();
    await pods.newJobRecord(group, 'load');
    await pods.until(group, { counter: 1, added: 1 });
    const isJob = `worker "load" is Job "load", which the operator counts; nothing was changed: give this worker another ID`;
    const rejected = { code: 1, stdout: '', stderr: `koncli: waitgroup "${group}": ${isJob}\n` };
    const verbs = [['add'], ['done'], ['fail', '--message', 'm'], ['add', '--create']];
    for (const [verb = '', ...flags] of verbs)
      expect(await pods.wg(verb, group, '--worker', 'load', ...flags)).toEqual(rejected);
    const run = ['wg', 'run', group, '-n', pods.namespace, '--worker', 'load'];
    for (const flags of [[], ['--no-add']])
      expect(await koncli([...run, ...flags, '--', 'echo', 'ran'], { ...controlPlane, env: { PATH } })).toEqual(
        rejected,
      );
    expect(await pods.recordOf(group, 'load')).toMatchObject({ added: 1, done: 0, state: 'Active' });
    expect(await pods.wg('release', group, '--worker', 'load')).toEqual(prints(group, 'released worker load'));
    await pods.until(group, { counter: 0, added: 1, completions: 1 });
  });
});

describe('koncli waitgroup add --create of a worker', () => {
  it('creates the WaitGroup with the work in it, and counts once when repeated', async () => {
    const add = ['add', 'fresh', '--create', '--ttl', '1h', '--worker', 'one'];
    expect(await pods.wg(...add)).toEqual(prints('fresh', 'added 1 by worker one, counter is 1'));
    expect((await pods.wg(...add)).stdout).toContain('unchanged (worker one is already counted), counter is 1');
    expect((await pods.wg('add', 'fresh', '--create', '--worker', 'two')).stdout).toContain('counter is 2');
    for (const id of ['one', 'two']) await pods.wg('done', 'fresh', '--worker', id);
    await pods.until('fresh', { counter: 0, added: 2, completions: 1 });
    expect(await pods.wg('done', 'fresh', '--worker', 'one')).toEqual(
      prints('fresh', 'unchanged (worker one has already marked its work done)'),
    );
    expect((await pods.wg(...add)).stdout).toContain('added 1 by worker one, counter is 1');
    await pods.wg('done', 'fresh', '--worker', 'one');
    await pods.until('fresh', { counter: 0, added: 3, completions: 2 });
  });

  it('goes on where it was killed before its record was written', async () => {
    const proxy = await startFaultProxy(controlPlane, pods.namespace);
    proxy.onRecordWrite(() => {});
    const kubeconfig = proxy.writeKubeconfig(pods.fileAt('killed'));
    const add = ['add', 'cut-off', '--create', '--worker', 'one'];
    const limits = ['--timeout', '3s', '-n', pods.namespace];
    expect(await koncli(['wg', ...add, ...limits], { kubeconfig })).toMatchObject({ code: 5 });
    expect(await pods.statusOf('cut-off')).toMatchObject({ counter: 1 });
    expect((await pods.wg(...add)).stdout).toContain('added 1 by worker one, counter is 1');
    await pods.wg('done', 'cut-off', '--worker', 'one');
    await pods.until('cut-off', { counter: 0, added: 1 });
  });
});

it('koncli says that the CRDs are older when the API server does not serve workers', async () => {
  const group = await pods.newGroup();
  const proxy = await startFaultProxy(controlPlane, pods.namespace);
  const notServed: Fault = (request) => request.respond({ code: 404, body: '404 page not found\n' });
  proxy.otherwise(({ label }) => (label.includes('record') ? notServed : undefined));
  const kubeconfig = proxy.writeKubeconfig(pods.fileAt('old'));
  const line = ['wg', 'done', group, '--worker', 'one', '-n', pods.namespace];
  expect(await koncli(line, { kubeconfig })).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /^koncli: the API server does not serve WaitGroupWorkers, so its CRDs are older than koncli [^:]+: update them with kubectl apply [^\n]*crd.yaml, or give --anonymous\n$/,
    ),
  });
});
