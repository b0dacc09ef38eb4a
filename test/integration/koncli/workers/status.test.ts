// What status, and wait at its time limit, say about workers whose work is outstanding.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openClient } from '../../../support/cluster/client-access.ts';
import { koncli } from '../../../support/processes/koncli-process.ts';
import { WorkerPods } from './worker-pods.ts';

const controlPlane = inject('controlPlane');
let pods: WorkerPods;

beforeAll(async () => {
  pods = await WorkerPods.create(controlPlane);
});
afterAll(() => pods.stop());

const add = async (group: string, pod: string, ...flags: string[]) => {
  const kubeconfig = await pods.newPod(pod);
  await koncli(['wg', 'add', group, '--worker', 'auto', ...flags], { kubeconfig });
  return kubeconfig;
};

it('names the workers and the phases of their pods, those first whose pod has ended', async () => {
  const group = await pods.newGroup();
  const runs = await add(group, 'a-runs');
  await add(group, 'b-failed');
  await add(group, 'c-deleted');
  await pods.wg('add', group, '--worker', 'laptop');
  await pods.endPod('b-failed', 'Failed');
  await pods.deletePod('c-deleted');
  const { stdout, stderr } = await pods.wg('status', group);
  expect(stderr).toBe('');
  expect(stdout).toMatch(
    /\nWaiting: 4 outstanding, 4 added in total; last change \d+s ago by worker laptop \(Active\); 2 of 4 /,
  );
  expect(stdout).toContain('; 2 of 4 outstanding workers lost: b-failed (pod Failed), c-deleted (pod gone)\n');
  expect(stdout).toMatch(
    /\nWORKER +POD +PHASE +AGE +MESSAGE\nb-failed +b-failed +Failed +\d+s\nc-deleted +c-deleted +gone +\d+s\na-runs +a-runs +Pending +\d+s\nlaptop +\d+s\n/,
  );
  const [, release = ''] = / finish its work +koncli (.*)\n/.exec(stdout) ?? [];
  expect((await koncli(release.split(' '), controlPlane)).stdout).toContain(' released worker b-failed\n');
  expect(stdout).not.toContain('--counter N');
  const waited = await pods.wg('wait', group, '--timeout', '0');
  expect(waited).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('outstanding workers: '),
  });
  expect(waited.stderr).toMatch(
    /outstanding workers: a-runs \(pod Pending\), c-deleted \(pod gone\), laptop; to see why, run koncli/,
  );
  // The account of a worker can list neither pods nor Events.
  const blind = await koncli(['wg', 'wait', group, '--timeout', '0'], { kubeconfig: runs });
  expect(blind.stderr).toMatch(/; outstanding workers: [^(]*; to see why/);
});

it('names a bounded number of workers', async () => {
  const group = await pods.newGroup();
  for (let n = 0; n < 7; n++) await pods.wg('add', group, '--worker', `w-${n}`);
  const { stderr } = await pods.wg('wait', group, '--timeout', '0');
  expect(stderr).toMatch(/; outstanding workers: (w-\d, ){5}and 2 more; to see why/);
  expect((await pods.wg('status', group)).stdout).toMatch(/\nWORKER(.*\n){6}and 2 more\n/);
});

it('shows what was finished without an add, and how to mend it', async () => {
  const group = await pods.newGroup();
  await pods.wg('done', group, '--worker', 'early');
  await pods.until(group, { conditions: expect.arrayContaining([expect.objectContaining({ type: 'Overrun' })]) });
  const { stdout } = await pods.wg('status', group);
  expect(stdout).toMatch(/; overrun: Workers marked 1 more .* early\n/);
  const [, command = ''] = / was never added, add it +koncli (.*)\n/.exec(stdout) ?? [];
  expect((await koncli(command.split(' '), controlPlane)).code).toBe(0);
  await pods.until(group, { counter: 0, added: 1, completions: 1 });
  expect((await pods.wg('status', group)).stdout).not.toContain('overrun');
});

it('says how many pods that added work exist, also of a StatefulSet, and that no labelled pod is left', async () => {
  const group = await pods.newGroup();
  for (const name of ['shards-0', 'shards-1', 'shards-2']) {
    const client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace: pods.namespace, by: name });
    await client.add(group);
  }
  await pods.newPod('shards-1');
  expect((await pods.wg('status', group)).stdout).toContain(
    '; 3 added by pods of which 1 exists and runs (missing: shards-2, shards-0)\n',
  );
});
