// Runs that are killed with -9 between two of their steps and started again with the same identity: each counts once. Another
// worker has outstanding work all the while, which no repetition may take.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startFaultProxy } from '../../../faults/fault-proxy.ts';
import { koncli, startKoncli } from '../../../support/processes/koncli-process.ts';
import { eventually } from '../../../support/waiting/eventually.ts';
import { PATH } from '../runs.ts';
import { WorkerPods } from './worker-pods.ts';

const controlPlane = inject('controlPlane');
let pods: WorkerPods;

beforeAll(async () => {
  pods = await WorkerPods.create(controlPlane);
});
afterAll(() => pods.stop());

const KILLED = 'SIGKILL';
const run = (kubeconfig: string, ...args: readonly string[]) =>
  koncli(['wg', 'run', ...args], { kubeconfig, env: { PATH, KONDUCTOR_NAMESPACE: pods.namespace } });
const sh = (script: string) => ['--', 'sh', '-c', script];
/** Goes on when the file is there. */
const awaiting = (file: string) => sh(`while [ ! -e ${file} ]; do sleep 0.02; done`);

/** A group with the work of another worker, and what `--no-add` needs to be added before. */
async function newGroup(flags: readonly string[]): Promise<string> {
  const group = await pods.newGroup(...(flags.includes('--no-add') ? ['--initial-count', '1'] : []));
  await pods.wg('add', group, '--worker', 'other');
  return group;
}

/** Kills the first run with -9 at some point; resolves when it has ended. */
type Kill = (group: string, flags: readonly string[]) => Promise<unknown>;

/** Kills koncli when its nth write of the record is sent: before or after the API server has carried it out. */
const atWrite =
  (nth: number, isStored: boolean): Kill =>
  async (group, flags) => {
    const proxy = await startFaultProxy(controlPlane, pods.namespace);
    const kubeconfig = proxy.writeKubeconfig(pods.fileAt(`${group}-${nth}-${isStored}`));
    const env = { PATH, KONDUCTOR_NAMESPACE: pods.namespace };
    const started = startKoncli(['wg', 'run', group, ...flags, '--worker', 'w', '--', 'true'], { kubeconfig, env });
    proxy.onRecordWrite(
      ...Array.from({ length: nth - 1 }, () => (request: { pass(): Promise<void> }) => request.pass()),
      async (request) => {
        if (isStored) await request.forward();
        started.process.kill(KILLED);
        await started.result;
      },
    );
    expect((await started.result).code).toBe(KILLED);
  };

const inCommand =
  (script: string): Kill =>
  async (group, flags) => {
    const result = await run(controlPlane.kubeconfig, group, ...flags, '--worker', 'w', ...sh(script));
    expect(result.code).toBe(KILLED);
  };

const KILLS: readonly (readonly [when: string, kill: Kill])[] = [
  ['before its record is stored', atWrite(1, false)],
  ['when its record is stored, before it knows', atWrite(1, true)],
  ['when its command starts', inCommand('kill -9 $PPID; sleep 0.2')],
  ['when its command has succeeded', inCommand('(sleep 0.1; kill -9 $PPID) & wait')],
  ['before the done is stored', atWrite(2, false)],
];

describe.each([[[]], [['--no-add']]] as const)('koncli waitgroup run %s', (flags) => {
  it.each(KILLS)('killed with -9 %s and run again counts once', async (_, kill) => {
    const group = await newGroup(flags);
    await kill(group, flags);
    expect(await run(controlPlane.kubeconfig, group, ...flags, '--worker', 'w', '--', 'true')).toMatchObject({
      code: 0,
    });
    await pods.until(group, { counter: 1, added: 2 });
    expect(await pods.recordOf(group, 'w')).toMatchObject({ state: 'Done' });
    await pods.wg('done', group, '--worker', 'other');
    await pods.until(group, { counter: 0, added: 2, completions: 1 });
  });

  it('killed with -9 when the done is stored, takes no work of others when it runs again', async () => {
    const group = await newGroup(flags);
    await atWrite(2, true)(group, flags);
    await pods.until(group, { counter: 1, added: 2 });
    const again = await run(controlPlane.kubeconfig, group, ...flags, '--worker', 'w', '--', 'true');
    expect(again.code).toBe(0);
    const isNoAdd = flags.length > 0;
    if (isNoAdd)
      expect(again.stderr).toMatch(/^koncli: worker "w" has already finished in this round of .*not counted again\n$/);
    await pods.until(group, { counter: 1, added: isNoAdd ? 2 : 3 });
  });
});

it('koncli waitgroup run --no-add takes no work of the next round after its worker was released', async () => {
  const group = await pods.newGroup('--initial-count', '1');
  const go = pods.fileAt('go-released');
  const { kubeconfig } = controlPlane;
  const env = { PATH, KONDUCTOR_NAMESPACE: pods.namespace };
  const slow = startKoncli(['wg', 'run', group, '--no-add', '--worker', 'w', ...awaiting(go)], { kubeconfig, env });
  await eventually('the record', async () => (await pods.wg('release', group, '--worker', 'w')).code === 0);
  await pods.until(group, { counter: 0, added: 1, completions: 1 });
  writeFileSync(go, '');
  expect(await slow.result).toMatchObject({ code: 0 });
  expect(await pods.recordOf(group, 'w')).toMatchObject({ state: 'Lost', borrowed: 1 });
});

describe('koncli waitgroup run with the token of a pod', () => {
  it('counts for the pod by default, once over the restarts of its container', async () => {
    const group = await pods.newGroup('--initial-count', '3');
    const pod = await pods.newPod('slow-1');
    for (let n = 0; n < 3; n++) expect((await run(pod, group, '--no-add', '--', 'true')).code).toBe(0);
    await pods.until(group, { counter: 2, added: 3 });
    expect(await pods.recordOf(group, 'slow-1')).toMatchObject({ pod: { name: 'slow-1' }, borrowed: 1, state: 'Done' });
  });

  it('goes on in a second pod for one index of a Job, and the first can no longer count', async () => {
    const group = await pods.newGroup();
    const [first, second] = [await pods.newPod('etl-0-bbbbb'), await pods.newPod('etl-0-ccccc')];
    const as = [group, '--worker', 'etl-0'];
    const env = { PATH };
    const go = pods.fileAt('go-twin');
    const slow = startKoncli(['wg', 'run', ...as, ...awaiting(go)], { kubeconfig: first, env });
    await pods.until(group, { counter: 1, added: 1 });
    expect((await run(second, ...as, '--', 'false')).code).toBe(1);
    const noted = { state: 'Active', message: 'command "false" exited with code 1' };
    expect(await pods.recordOf(group, 'etl-0')).toMatchObject(noted);
    writeFileSync(go, '');
    expect(await slow.result).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^koncli: worker "etl-0" of .* belongs to pod "etl-0-ccccc", which alone can/),
    });
    expect(await pods.statusOf(group)).toMatchObject({ counter: 1 });
    expect((await run(second, ...as, '--', 'true')).code).toBe(0);
    await pods.until(group, { counter: 0, added: 1, completions: 1 });
  });

  it('leaves the work of a command that fails outstanding, with a message, and prints how to release it', async () => {
    const group = await pods.newGroup();
    const pod = await pods.newPod('bad-1');
    const { code, stderr } = await run(pod, group, ...sh('exit 3'));
    expect(code).toBe(3);
    expect(stderr).toBe(
      `koncli: the command exited with code 3; the work stays outstanding in waitgroup "${group}" so that a retry can finish it; to abandon it: koncli waitgroup release ${group} -n ${pods.namespace} --worker bad-1\n`,
    );
    expect(await pods.recordOf(group, 'bad-1')).toMatchObject({
      state: 'Active',
      message: 'command "sh" exited with code 3',
    });
    await pods.wg('release', group, '--worker', 'bad-1');
    await pods.until(group, { counter: 0, added: 1 });
  });

  it('fails with --on-failure=fail, and leaves a recreated WaitGroup alone', async () => {
    const pod = await pods.newPod('bad-2');
    const failing = await pods.newGroup();
    expect((await run(pod, failing, '--on-failure=fail', ...sh('exit 3'))).code).toBe(3);
    const failure = { reason: 'WorkerFailed', message: 'command "sh" exited with code 3', worker: 'bad-2' };
    await pods.until(failing, { failure: expect.objectContaining(failure) });
    const recreated = await pods.newGroup();
    const go = pods.fileAt('go-recreated');
    const started = startKoncli(['wg', 'run', recreated, ...awaiting(go)], { kubeconfig: pod, env: { PATH } });
    await pods.until(recreated, { counter: 1 });
    await pods.wg('delete', recreated);
    await pods.wg('create', recreated, '--initial-count', '1');
    writeFileSync(go, '');
    expect(await started.result).toMatchObject({ code: 2, stderr: expect.stringContaining('recreated') });
    expect(await pods.recordOf(recreated, 'bad-2')).toMatchObject({ done: 0, borrowed: 0 });
  });
});
