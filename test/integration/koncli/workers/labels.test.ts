// What status, and wait at its time limit, say about Jobs and pods that count and wait by their labels. The operator here may not
// let anything go: hold.yaml is not applied.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { administratorRequest } from '../../../support/cluster/administrator.ts';
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

const containers = [{ name: 'work', image: 'none' }];
const jobs = () => `/apis/batch/v1/namespaces/${pods.namespace}/jobs`;

async function createJob(name: string, { labels, annotations = {}, spec = {} }: Parts): Promise<string> {
  const template = { spec: { restartPolicy: 'Never', containers } };
  const body = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, labels, annotations },
    spec: { template, ...spec },
  };
  const { metadata } = await administratorRequest<{ metadata: { uid: string } }>(controlPlane, {
    method: 'POST',
    path: jobs(),
    body,
  });
  return metadata.uid;
}

async function createHeldPod(name: string, group: string): Promise<void> {
  const metadata = { name, labels: { 'konductor.io/after': group } };
  const body = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: { schedulingGates: [{ name: 'konductor.io/after' }], containers },
  };
  await administratorRequest(controlPlane, { method: 'POST', path: `/api/v1/namespaces/${pods.namespace}/pods`, body });
}

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
