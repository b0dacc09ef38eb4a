// Jobs with the label konductor.io/counts-for, on a real API server, from the first state that the operator sees to the last.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { createPod } from '../../support/cluster/pods.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { api, replace } from '../../support/cluster/raw-requests.ts';
import { operate } from '../../support/cluster/worker-records.ts';
import { CountingJobs } from '../../support/pods/counting-jobs.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let jobs: CountingJobs;
let operator: OperatorProcess;

beforeAll(async () => {
  const kubeconfig = await installOperator(controlPlane);
  jobs = new CountingJobs(await createNamespace(controlPlane, 'jobs'));
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${jobs.namespace}`] });
});
afterAll(() => operator.stop());

const wait = (group: string) =>
  koncli(['waitgroup', 'wait', group, '-n', jobs.namespace], { kubeconfig: controlPlane.kubeconfig });

describe('a Job that completes', () => {
  it('is added when it is seen, is outstanding while it is suspended or runs, and is done once', async () => {
    const group = await jobs.group();
    const job = await jobs.create(group, {}, { suspend: true });
    await jobs.reaches(group, { counter: 1, added: 1 });
    await jobs.suspend(job, false);
    const other = await jobs.create(group);
    await jobs.reaches(group, { counter: 2 });
    await jobs.complete(job);
    await jobs.reaches(group, { counter: 1 });
    await jobs.complete(other);
    await jobs.delete(other);
    await jobs.reaches(group, { counter: 0, added: 2, completions: 1, outcome: 'Succeeded' });
    const { name, uid } = job.metadata;
    expect(await jobs.records(group)).toContainEqual(
      expect.objectContaining({ worker: name, job: { name, uid }, state: 'Done', added: 1, done: 1 }),
    );
    expect((await wait(group.name)).code).toBe(0);
  });

  it('with the annotation add: false finishes work that another process has added', async () => {
    const group = await jobs.group();
    await operate(group, 'add', 'coordinator');
    const job = await jobs.create(group, { annotations: { 'konductor.io/add': 'false' } });
    const isStarted = async () => (await jobs.records(group)).some(({ worker }) => worker === job.metadata.name);
    await eventually('its record', isStarted);
    await jobs.complete(job);
    await eventually('its end', async () => (await jobs.records(group)).some(({ borrowed }) => borrowed === 1));
    expect(await jobs.records(group)).toContainEqual(expect.objectContaining({ added: 0, borrowed: 1, state: 'Done' }));
  });

  it('counts again when it is created again under its name', async () => {
    const group = await jobs.group();
    const first = await jobs.create(group, { name: 'nightly' });
    await jobs.complete(first);
    await jobs.reaches(group, { added: 1, counter: 0 });
    await jobs.delete(first);
    const second = await jobs.create(group, { name: 'nightly' });
    await jobs.reaches(group, { added: 2, counter: 1 });
    await jobs.complete(second);
    await jobs.reaches(group, { added: 2, counter: 0, completions: 2 });
  });

  it('of a CronJob counts in each run', async () => {
    const group = await jobs.group();
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: 'cron', uid: 'cron-1', controller: true };
    for (const run of [1, 2]) {
      const job = await jobs.create(group, { name: `cron-2938110${run}`, ownerReferences: [owner] });
      await jobs.complete(job);
      await jobs.reaches(group, { added: run, counter: 0 });
    }
  });
});

describe('a Job that has failed', () => {
  const message = (name: string) =>
    `Job ${name} failed (BackoffLimitExceeded): Job has reached the specified backoff limit`;

  it('stays outstanding under Keep, until one of the same name completes', async () => {
    const group = await jobs.group('Keep');
    const job = await jobs.create(group);
    const { name } = job.metadata;
    await jobs.reaches(group, { counter: 1 });
    await jobs.fail(job);
    const advice = `to release it, run koncli waitgroup release ${group.name} --worker ${name} -n ${jobs.namespace}`;
    const event = `${message(name)}; its work stays outstanding (workerPolicy Keep): ${advice}`;
    expect(await jobs.events(group, 'JobFailed')).toEqual([
      expect.objectContaining({ type: 'Warning', message: event }),
    ]);
    await jobs.delete(job);
    const again = await jobs.create(group, { name });
    const isTakenOver = async () => (await jobs.records(group)).some((one) => one.job?.uid === again.metadata.uid);
    await eventually('the takeover', isTakenOver);
    await jobs.complete(again);
    await jobs.reaches(group, { counter: 0, added: 1, outcome: 'Succeeded' });
  });

  it('is Lost under Release, and the round goes on', async () => {
    const group = await jobs.group('Release');
    const [job, other] = [await jobs.create(group), await jobs.create(group)];
    await jobs.reaches(group, { counter: 2 });
    await jobs.fail(job);
    await jobs.reaches(group, { counter: 1, workers: { lost: 1 } });
    await jobs.complete(other);
    await jobs.reaches(group, { counter: 0, outcome: 'Succeeded' });
    const { name } = job.metadata;
    expect(await jobs.records(group)).toContainEqual(
      expect.objectContaining({ worker: name, state: 'Lost', reason: 'JobFailed', message: message(name) }),
    );
    expect(await jobs.events(group, 'JobFailed')).toHaveLength(1);
  });

  it('fails the round under Fail: waiters exit 6 and name it', async () => {
    const group = await jobs.group('Fail');
    const [job] = [await jobs.create(group), await jobs.create(group)];
    await jobs.reaches(group, { counter: 2 });
    const waiting = wait(group.name);
    await jobs.fail(job);
    const { code, stderr } = await waiting;
    expect([code, stderr]).toEqual([6, expect.stringContaining('JobFailed')]);
    expect(stderr).toContain(message(job.metadata.name));
    const { failure } = await jobs.reaches(group, { outcome: 'Failed', counter: 1 });
    expect(failure).toMatchObject({ reason: 'JobFailed', worker: job.metadata.name });
  });
});

describe('a Job that is deleted before it has finished', () => {
  it.each([
    ['Keep', { counter: 1, workers: { active: 1 } }, 'its work stays outstanding'],
    ['Release', { counter: 0, outcome: 'Succeeded', workers: { lost: 1 } }, 'its work is released'],
    ['Fail', { counter: 0, outcome: 'Failed', failure: { reason: 'WorkerLost' } }, 'the round fails'],
  ] as const)('is lost: %s', async (policy, status, consequence) => {
    const group = await jobs.group(policy);
    const job = await jobs.create(group);
    await jobs.reaches(group, { counter: 1 });
    await jobs.delete(job);
    const [event, ...others] = await jobs.events(group, 'WorkerLost');
    expect(others).toEqual([]);
    expect(event?.message).toContain(`Job ${job.metadata.name} was deleted before it finished; its work`);
    expect(event?.message).toContain(consequence);
    await jobs.reaches(group, status);
  });

  it('follows a change of the policy', async () => {
    const group = await jobs.group('Keep');
    const job = await jobs.create(group);
    await jobs.reaches(group, { counter: 1 });
    await jobs.delete(job);
    await jobs.events(group, 'WorkerLost');
    await replace(await api.get(jobs.namespace, group.name), { spec: { workerPolicy: 'Release' } });
    await jobs.reaches(group, { counter: 0, workers: { lost: 1 } });
  });
});

describe('the label', () => {
  it('counts a Job from when it gets it, and loses one that had not finished when it is removed', async () => {
    const group = await jobs.group('Release');
    const [job, finished] = [await jobs.create(group, { labels: {} }), await jobs.create(group, { labels: {} })];
    await jobs.complete(finished);
    for (const one of [job, finished]) await jobs.label(one, group.name);
    await jobs.reaches(group, { counter: 1, added: 2 });
    for (const one of [job, finished]) await jobs.label(one, null);
    await jobs.reaches(group, { counter: 0, workers: { done: 1, lost: 1 } });
    expect(await jobs.records(group)).toContainEqual(
      expect.objectContaining({ state: 'Lost', reason: 'LabelRemoved' }),
    );
  });

  it('moves a Job to another WaitGroup', async () => {
    const [from, to] = [await jobs.group('Release'), await jobs.group('Release')];
    const job = await jobs.create(from);
    await jobs.reaches(from, { counter: 1 });
    await jobs.label(job, to.name);
    await jobs.reaches(from, { counter: 0, workers: { lost: 1 } });
    await jobs.complete(job);
    await jobs.reaches(to, { counter: 0, added: 1, workers: { done: 1 } });
  });
});

describe('a WaitGroup', () => {
  it('that comes later counts every Job that exists, also when it is created again', async () => {
    const name = jobs.newName('group');
    const [job, finished, failed] = [
      await jobs.create({ name }),
      await jobs.create({ name }),
      await jobs.create({ name }),
    ];
    await jobs.complete(finished);
    await jobs.fail(failed);
    const first = await jobs.group('Release', name);
    await jobs.reaches(first, { counter: 1, added: 3, workers: { active: 1, done: 1, lost: 1 } });
    await api.delete(jobs.namespace, name, {});
    const second = await jobs.group('Release', name);
    await jobs.reaches(second, { counter: 1, added: 3 });
    await jobs.complete(job);
    await jobs.reaches(second, { counter: 0, added: 3, workers: { done: 2, lost: 1 } });
  });

  it('says that it does not count a Job whose worker ID a pod has', async () => {
    const group = await jobs.group();
    const pod = await createPod(controlPlane, { namespace: jobs.namespace, name: jobs.newName('job') });
    await operate(group, 'add', pod.name, { pod });
    const job = await jobs.create(group, { name: pod.name });
    const [event] = await jobs.events(group, 'WorkerIdInUse');
    expect(event?.message).toContain(`Job ${pod.name} is not counted`);
    await jobs.complete(job);
    const next = await jobs.create(group);
    await jobs.complete(next);
    await jobs.reaches(group, { counter: 1, added: 2, workers: { active: 1, done: 1 } });
  });
});

it('reports how many Jobs it counts', async () => {
  const states = async () => {
    const text = await metricsOf(operator);
    return ['Unfinished', 'Complete', 'Failed'].map((state) =>
      sample(text, 'konductor_counted_jobs', `state="${state}"`),
    );
  };
  const [unfinished = 0, ...others] = await states();
  const group = await jobs.group();
  await jobs.create(group);
  await eventually('one more', async () => (await states())[0] === unfinished + 1);
  expect((await states()).slice(1)).toEqual(others);
});
