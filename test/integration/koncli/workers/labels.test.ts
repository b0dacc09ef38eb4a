// What status, and wait at its time limit, say about Jobs and pods that count and wait by their labels. The operator here may not
// let anything go: hold.yaml is not applied.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { administratorRequest } from '../../../support/cluster/administrator.ts';
import { completeJob, createJob as createNewJob, failJob } from '../../../support/cluster/pods.ts';
import { createHeldPod as createNewHeldPod } from '../../../support/pods/held-workloads.ts';
import { koncli } from '../../../support/processes/koncli-process.ts';
import { eventually } from '../../../support/waiting/eventually.ts';
import { WorkerPods } from './worker-pods.ts';

const controlPlane = inject('controlPlane');
let pods: WorkerPods;

beforeAll(async () => {
  pods = await WorkerPods.create(controlPlane);
});
afterAll(() => pods.stop());

interface Parts {
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec?: object;
}

const placed = (name: string) => ({ namespace: pods.namespace, name });
const createJob = (name: string, { spec, ...metadata }: Parts) =>
  createNewJob(controlPlane, { ...placed(name), ...metadata }, spec);
const createHeldPod = (name: string, group: string) => createNewHeldPod(controlPlane, group, placed(name));

it('lists the Jobs and pods that wait, and why', async () => {
  const group = await pods.newGroup('--initial-count', '2');
  const labels = { 'konductor.io/after': group };
  const suspended = { suspend: true };
  await createJob('report', { labels, spec: suspended });
  await createJob('archive', { labels, annotations: { 'konductor.io/min-added': '5' }, spec: suspended });
  await createJob('goes-on', { labels });
  await createHeldPod('web-0', group);
  const { stdout, stderr } = await pods.wg('status', group);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/\nWaiting: 2 outstanding.*; 2 Jobs and 1 pod wait for it\n/);
  const table = stdout.split('\n\n').find((paragraph) => paragraph.startsWith('HELD'));
  expect(table?.split('\n').sort()).toEqual([
    expect.stringMatching(/^HELD +KIND +AGE +REASON$/),
    expect.stringMatching(/^archive +Job +\d+s +2 outstanding; 2 added, of at least 5$/),
    expect.stringMatching(/^report +Job +\d+s +2 outstanding$/),
    expect.stringMatching(/^web-0 +Pod +\d+s +2 outstanding$/),
  ]);
  await pods.wg('fail', group, '--message', 'no');
  expect((await pods.wg('status', group)).stdout).toMatch(
    /\nFailed: .*; 2 Jobs and 1 pod wait for it, held until a round succeeds\n(.|\n)*\nreport +Job +\d+s +the round failed; held until/,
  );
});

it('names hold.yaml where the operator has said that it may let nothing go', async () => {
  const group = await pods.newGroup('--initial-count', '1');
  await createJob('stuck', { labels: { 'konductor.io/after': group }, spec: { suspend: true } });
  await pods.wg('done', group);
  await eventually('the Event ReleaseForbidden', async () => {
    const { stdout } = await pods.wg('status', group);
    expect(stdout).toMatch(/\nDone, .*; 1 Job still held, although they can go on\n/);
    expect(stdout).toMatch(/\n {2}let the operator .* kubectl apply --server-side -f cdk8s\/manifests\/hold.yaml\n/);
    expect(stdout).toMatch(/\nstuck +Job +\d+s +the operator is not allowed to let it go\n/);
    return true;
  });
});

it('says what waits for a WaitGroup that does not exist', async () => {
  await createJob('early', { labels: { 'konductor.io/after': 'not-yet' }, spec: { suspend: true } });
  const { code, stderr } = await pods.wg('status', 'not-yet');
  expect(code).toBe(2);
  expect(stderr).toContain('held until waitgroup "not-yet" exists: 1 Job\n');
});

it('shows a bounded number of them, and more when wide', async () => {
  const group = await pods.newGroup('--initial-count', '1');
  for (let n = 0; n < 7; n++) await createHeldPod(`${group}-${n}`, group);
  expect((await pods.wg('status', group)).stdout).toMatch(/\nHELD(.*\n){6}and 2 more\n/);
  expect((await pods.wg('status', group, '-o', 'wide')).stdout).toMatch(/\nHELD(.*\n){8}\n/);
});

it('says in one line what cannot be listed, and shows all else', async () => {
  const group = await pods.newGroup('--initial-count', '1');
  const kubeconfig = await pods.newPod('blind-1');
  const { code, stdout } = await koncli(['wg', 'status', group], { kubeconfig });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /\nWaiting: 1 outstanding(.|\n)*\n\nNot shown: Jobs and pods that count or wait by label, because you cannot list them\.\n\n/,
  );
});

it('lists the Jobs that count, and what to do about one that has failed', async () => {
  const group = await pods.newGroup();
  const labels = { 'konductor.io/counts-for': group };
  for (const name of ['extract', 'load', 'tidy']) await createJob(name, { labels });
  await pods.until(group, { counter: 3, added: 3 });
  await completeJob(controlPlane, placed('extract'));
  await failJob(controlPlane, placed('load'));
  await pods.until(group, { counter: 2 });
  const { stdout } = await pods.wg('status', group);
  expect(stdout).toContain('; 1 of 2 outstanding workers lost: load (Job Failed)\n');
  const rows = [
    'JOB +STATE +PHASE +AGE +MESSAGE',
    'load +Active +Failed +\\d+s +BackoffLimitExceeded: Job has reached the .*',
  ];
  rows.push('tidy +Active +Running +\\d+s', 'extract +Done +Complete +\\d+s');
  expect(stdout).toMatch(new RegExp(`\nCOUNTED ${rows.join('\n')}\n\n`));
  expect(stdout).not.toMatch(/\nWORKER /);
  const waited = await pods.wg('wait', group, '--timeout', '0');
  expect(waited).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/; outstanding workers: load \(Job Failed\), tidy \(Job Running\); to see why, run/),
  });
  const [, release = ''] = / recreate Job load under its name, or finish its work +koncli (.*)\n/.exec(stdout) ?? [];
  expect((await koncli(release.split(' '), controlPlane)).stdout).toContain(' released worker load\n');
  await pods.until(group, { counter: 1 });
});

it('names the Job in the verdict of a wait under workerPolicy Fail', async () => {
  const group = await pods.newGroup();
  const path = `/apis/konductor.io/v1/namespaces/${pods.namespace}/waitgroups/${group}`;
  const contentType = 'application/merge-patch+json';
  await administratorRequest(controlPlane, {
    method: 'PATCH',
    path,
    contentType,
    body: { spec: { workerPolicy: 'Fail' } },
  });
  await createJob('shards', { labels: { 'konductor.io/counts-for': group } });
  await pods.until(group, { counter: 1 });
  await failJob(controlPlane, placed('shards'));
  const { code, stderr } = await pods.wg('wait', group);
  expect(code).toBe(6);
  expect(stderr).toMatch(
    / failed: JobFailed: Job shards failed \(BackoffLimitExceeded\): Job has reached the specified backoff limit \(by shards, \d+s ago\); for/,
  );
  expect((await pods.wg('status', group)).stdout).toMatch(
    new RegExp(`\n {2}see why it failed +kubectl describe job shards -n ${pods.namespace}\n`),
  );
});
