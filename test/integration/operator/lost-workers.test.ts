// Workers whose pods end before they have marked their work done, on a real API server: there is no kubelet, so the tests write what
// it would report.
import type { KubeObject } from '@konductor/client';
import type { PodReference, WaitGroup, WaitGroupStatus, WaitGroupWorker } from '@konductor/schema';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { administratorRequest } from '../../support/cluster/administrator.ts';
import { eventsAbout } from '../../support/cluster/events-about.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createJob, createPod, deletePod, failJob, type NewPod, setPodStatus } from '../../support/cluster/pods.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { api, create } from '../../support/cluster/raw-requests.ts';
import { findWorker, identityOf, operate, statusOf } from '../../support/cluster/worker-records.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;
let namespace: string;
let operator: OperatorProcess;
let names = 0;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
  namespace = await createNamespace(controlPlane, 'lost');
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

type Policy = NonNullable<WaitGroup['spec']>['workerPolicy'];
type Group = ReturnType<typeof identityOf>;

async function newGroup(workerPolicy: Policy, place = namespace): Promise<Group> {
  const metadata = { name: `group-${++names}` };
  return identityOf(await create(place, { metadata, spec: { ...(workerPolicy && { workerPolicy }) } }));
}

const LABELS = { 'konductor.io/waitgroup': 'any' };
const labelled = (name: string, parts: Partial<NewPod> = {}) =>
  createPod(controlPlane, { namespace, name, labels: LABELS, ...parts });

interface Working {
  readonly group: Group;
  readonly pod: PodReference;
}

/** A worker with the name of its labelled pod, counted. */
async function newWorker(workerPolicy: Policy): Promise<Working> {
  const group = await newGroup(workerPolicy);
  const pod = await labelled(`${group.name}-pod`);
  await operate(group, 'add', pod.name, { pod });
  await reaches(group, { counter: 1 });
  return { group, pod };
}

function reaches(group: Group, expected: object): Promise<WaitGroupStatus> {
  return eventually(`${JSON.stringify(expected)} of ${group.name}`, async () => {
    const status = await statusOf(group);
    expect(status).toMatchObject(expected);
    return status;
  });
}

async function record(group: Group, worker: string): Promise<WaitGroupWorker | undefined> {
  return findWorker(group.namespace, `${group.name}.${worker}.${group.uid.slice(0, 8)}`);
}

function lost(group: Group, worker: string): Promise<WaitGroupWorker> {
  return eventually(`the loss of ${worker}`, async () => {
    const found = await record(group, worker);
    return found?.spec.state === 'Lost' && found;
  });
}

async function lossEvents({ namespace, name }: Group) {
  const events = await eventsAbout(controlPlane, await api.get(namespace, name));
  const losses = events?.filter(({ reason }) => reason === 'WorkerLost') ?? [];
  return losses.length > 0 && losses;
}

const losses = async (policy: string) =>
  sample(
    await metricsOf(operator),
    'konductor_waitgroup_workers_lost_total',
    `reason="WorkerLost",policy="${policy}"`,
  ) ?? 0;

const failed = (parts: object = {}) => ({ phase: 'Failed', ...parts });
const terminated = (reason: string, exitCode: number) => ({
  containerStatuses: [
    {
      name: 'main',
      image: 'none',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { terminated: { reason, exitCode } },
    },
  ],
});

describe('a worker whose pod was deleted', () => {
  it.each([
    ['Keep', { counter: 1, workers: { active: 1 } }, 'its work stays outstanding'],
    ['Release', { counter: 0, outcome: 'Succeeded', workers: { lost: 1 } }, 'its work is released'],
    ['Fail', { counter: 0, outcome: 'Failed' }, 'its work is released, and the round fails'],
  ] as const)('is handled by the policy %s', async (policy, status, consequence) => {
    const before = await losses(policy);
    const { group, pod } = await newWorker(policy);
    await deletePod(controlPlane, { namespace, name: pod.name });
    const message = `Pod ${pod.name} was deleted before worker ${pod.name} marked its work done`;
    expect(await eventually('the Event', () => lossEvents(group))).toEqual([
      expect.objectContaining({
        type: 'Warning',
        message: `${message}; ${consequence} (workerPolicy ${policy})`,
      }),
    ]);
    const { failure } = await reaches(group, status);
    expect(failure).toEqual(
      policy === 'Fail' ? expect.objectContaining({ reason: 'WorkerLost', message, worker: pod.name }) : undefined,
    );
    expect(await losses(policy)).toBe(before + 1);
  });
});

describe('a worker whose pod has ended', () => {
  it.each([
    ['evicted', failed({ reason: 'Evicted' }), 'Evicted', 'failed (Evicted)'],
    ['out of memory', failed(terminated('OOMKilled', 137)), 'OOMKilled', 'failed (OOMKilled)'],
    ['with an error', failed(terminated('Error', 3)), 'PodFailed', 'failed (exit code 3)'],
    ['successfully', { phase: 'Succeeded' }, 'PodSucceeded', 'succeeded'],
  ])('%s is lost, and its record says why', async (_, status, reason, how) => {
    const { group, pod } = await newWorker('Release');
    await setPodStatus(controlPlane, { namespace, name: pod.name }, status);
    const message = `Pod ${pod.name} ${how} before worker ${pod.name} marked its work done`;
    expect((await lost(group, pod.name)).spec).toMatchObject({ pod, reason, message, added: 1, done: 1, borrowed: 0 });
    await reaches(group, { counter: 0 });
  });

  it('is not lost when it has marked its work done before', async () => {
    const { group, pod } = await newWorker('Fail');
    await operate(group, 'done', pod.name, { pod });
    await setPodStatus(controlPlane, { namespace, name: pod.name }, { phase: 'Succeeded' });
    const { group: next, pod: nextPod } = await newWorker('Release');
    await setPodStatus(controlPlane, { namespace, name: nextPod.name }, { phase: 'Succeeded' });
    await lost(next, nextPod.name);
    await reaches(group, { counter: 0, outcome: 'Succeeded' });
  });

  it('and that finished work of others is released as borrowed', async () => {
    const group = await newGroup('Release');
    const pod = await labelled(`${group.name}-pod`);
    await operate(group, 'add', 'coordinator');
    await operate(group, 'start', pod.name, { pod });
    await deletePod(controlPlane, { namespace, name: pod.name });
    expect((await lost(group, pod.name)).spec).toMatchObject({ added: 0, done: 0, borrowed: 1 });
  });
});

describe('a pod of a Job', () => {
  /** Whether the operator has asked for the Job since. */
  const hasReadJob = async (job: string, place = namespace) =>
    (await operatorRequests(controlPlane, place)).some(
      ({ objectRef }) => objectRef?.resource === 'jobs' && objectRef.name === job,
    );

  /** An Indexed Job with a pod of its first index, whose worker has the stable name of the index. */
  async function newJob(policy: Policy, place = namespace) {
    const group = await newGroup(policy, place);
    const job = await createJob(controlPlane, { namespace: place, name: group.name }, INDEXED);
    const worker = `${group.name}-0`;
    const pod = await newJobPod(job, `${worker}-x7k2p`, place);
    await operate(group, 'add', worker, { pod });
    return { group, job, worker, pod };
  }
  const INDEXED = { completionMode: 'Indexed', completions: 2, parallelism: 2 };
  const newJobPod = (job: KubeObject, name: string, place: string) => labelled(name, { namespace: place, job });

  it('that fails is replaced: the worker is not lost', async () => {
    const { group, job, worker, pod } = await newJob('Fail');
    await setPodStatus(controlPlane, { namespace, name: pod.name }, failed(terminated('Error', 1)));
    await eventually('the read of the Job', () => hasReadJob(job.metadata.name));
    expect((await record(group, worker))?.spec).toMatchObject({ state: 'Active', pod });
    const replacement = await newJobPod(job, `${worker}-9z8y7`, namespace);
    await operate(group, 'add', worker, { pod: replacement });
    await operate(group, 'done', worker, { pod: replacement });
    await reaches(group, { counter: 0, outcome: 'Succeeded' });
    expect(await lossEvents(group)).toBe(false);
  });

  it('is lost when the Job has failed for good', async () => {
    const { group, job, worker, pod } = await newJob('Release');
    await setPodStatus(controlPlane, { namespace, name: pod.name }, failed({ reason: 'Evicted' }));
    await eventually('the read of the Job', () => hasReadJob(job.metadata.name));
    await failJob(controlPlane, { namespace, name: job.metadata.name });
    expect((await lost(group, worker)).spec).toMatchObject({ pod, reason: 'Evicted' });
  });

  it('is lost when it succeeds: the Job does not replace it', async () => {
    const { group, worker, pod } = await newJob('Release');
    await setPodStatus(controlPlane, { namespace, name: pod.name }, { phase: 'Succeeded' });
    await lost(group, worker);
  });

  it('that is gone is known by its name after a start of the operator, whether it had the label or not', async () => {
    const place = await createNamespace(controlPlane, 'down');
    const { group, job, worker, pod } = await newJob('Release', place);
    const others = await newGroup('Release', place);
    const gone = [pod];
    for (const labels of [LABELS, {}]) {
      const other = await createPod(controlPlane, { namespace: place, name: `other-${gone.length}-x7k2p`, labels });
      await operate(others, 'add', other.name, { pod: other });
      gone.push(other);
    }
    const alive = await createPod(controlPlane, { namespace: place, name: 'alive' });
    await operate(others, 'add', alive.name, { pod: alive });
    for (const { name } of gone) await deletePod(controlPlane, { namespace: place, name });
    await startOperatorIn(place, kubeconfig);
    await reaches(others, { counter: 1, workers: { lost: 2, active: 1 } });
    await eventually('the read of the Job', () => hasReadJob(job.metadata.name, place));
    expect((await record(group, worker))?.spec).toMatchObject({ state: 'Active', pod });
    await failJob(controlPlane, { namespace: place, name: job.metadata.name });
    await lost(group, worker);
  });
});

it('says once that a worker is lost, also after a restart of the operator', async () => {
  const place = await createNamespace(controlPlane, 'once');
  const group = await newGroup('Keep', place);
  for (const name of ['first', 'second']) await operate(group, 'add', name, { pod: { name, uid: name } });
  for (const start of [1, 2]) {
    const started = await startOperatorIn(place, kubeconfig);
    const lines = () => started.log.filter(({ msg }) => msg === 'worker lost');
    await eventually(`both after start ${start}`, () => lines().length === 2);
    await eventually('both Events', async () => ((await lossEvents(group)) || []).length === 2);
    await started.stop();
  }
  expect(await lossEvents(group)).toHaveLength(2);
});

it('leaves workers alone whose namespace is being deleted', async () => {
  const place = await createNamespace(controlPlane, 'leaving');
  const group = await newGroup('Release', place);
  await operate(group, 'add', 'gone', { pod: { name: 'gone', uid: 'gone' } });
  await administratorRequest(controlPlane, { method: 'DELETE', path: `/api/v1/namespaces/${place}` });
  await startOperatorIn(place, kubeconfig);
  const isAsked = async () =>
    (await operatorRequests(controlPlane, place)).some(({ objectRef }) => objectRef?.resource === 'namespaces');
  await eventually('the read of the namespace', isAsked);
  expect((await record(group, 'gone'))?.spec.state).toBe('Active');
});
