// Jobs that count while the operator is down, killed, not alone, without permission, or busy.
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { administratorRequest, applyObject } from '../../support/cluster/administrator.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { transport } from '../../support/cluster/raw-requests.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { operate } from '../../support/cluster/worker-records.ts';
import { CountingJobs } from '../../support/pods/counting-jobs.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { inParallel } from '../../support/waiting/in-parallel.ts';

const controlPlane = inject('controlPlane');
const MANY = 300;
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

const newJobs = async () => new CountingJobs(await createNamespace(controlPlane, 'jobs'));
const createAll = (jobs: CountingJobs, group: { readonly name: string }, count: number) =>
  inParallel([...Array(count).keys()], () => jobs.create(group));

describe('an operator that was down', () => {
  it('finds in the Events of the Job controller how a Job ended that is gone', async () => {
    const jobs = await newJobs();
    const group = await jobs.group('Release');
    const create = (name: string) => jobs.create(group, { name });
    const [completed, failed] = [await create('completed'), await create('failed')];
    const [deleted, forged] = [await create('deleted'), await create('forged')];
    const [alive] = [await create('alive'), await create('kept')];
    const operator = await startOperatorIn(jobs.namespace, kubeconfig);
    await jobs.reaches(group, { counter: 6 });
    await operator.stop();
    await jobs.report(completed, 'Completed', 'Job completed');
    await jobs.report(failed, 'BackoffLimitExceeded', 'Job has reached the specified backoff limit');
    await jobs.report(deleted, 'SuccessfulCreate', 'Created pod: deleted-x7k2p');
    await jobs.report(forged, 'Completed', 'Job completed', 'somebody');
    for (const job of [completed, failed, deleted, forged]) await jobs.delete(job);
    await jobs.complete(alive);
    await create('late');
    await startOperatorIn(jobs.namespace, kubeconfig);
    await jobs.reaches(group, { counter: 2, added: 7, workers: { active: 2, done: 2, lost: 3 } });
    const ends = (await jobs.records(group)).map(({ worker, state, reason }) => `${worker} ${state} ${reason ?? ''}`);
    expect(ends.sort()).toEqual([
      'alive Done ',
      'completed Done ',
      'deleted Lost JobDeleted',
      'failed Lost JobFailed',
      'forged Lost JobDeleted',
      'kept Active ',
      'late Active ',
    ]);
  });

  it('leaves Jobs alone whose namespace is being deleted', async () => {
    const jobs = await newJobs();
    const { namespace } = jobs;
    const group = await jobs.group('Release');
    const job = await jobs.create(group);
    const operator = await startOperatorIn(namespace, kubeconfig);
    await jobs.reaches(group, { counter: 1 });
    await operator.stop();
    await administratorRequest(controlPlane, { method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    await jobs.delete(job);
    await startOperatorIn(namespace, kubeconfig);
    const isAsked = async () =>
      (await operatorRequests(controlPlane, namespace)).some(({ objectRef }) => objectRef?.resource === 'namespaces');
    await eventually('the read of the namespace', isAsked);
    expect(await jobs.records(group)).toMatchObject([{ state: 'Active' }]);
  });
});

it('two operators, one of which is killed again and again, count each Job once', async () => {
  const jobs = await newJobs();
  const group = await jobs.group('Fail');
  const start = () => startOperatorIn(jobs.namespace, kubeconfig);
  let [first, second] = await Promise.all([start(), start()]);
  const created = await createAll(jobs, group, 40);
  process.kill(first.pid, 'SIGKILL');
  first = await start();
  const completing = inParallel(created, (job) => jobs.complete(job), 2);
  process.kill(second.pid, 'SIGKILL');
  second = await start();
  await completing;
  await inParallel(created.slice(20), (job) => jobs.delete(job));
  await jobs.reaches(group, {
    counter: 0,
    added: 40,
    outcome: 'Succeeded',
    workers: { done: 40, finished: 40, lost: 0 },
  });
});

it('counts many Jobs at once with one read and two writes each', async () => {
  const jobs = await newJobs();
  const group = await jobs.group();
  const created = await createAll(jobs, group, MANY);
  await startOperatorIn(jobs.namespace, kubeconfig);
  await jobs.reaches(group, { counter: MANY, added: MANY });
  await inParallel(created, (job) => jobs.complete(job));
  await jobs.reaches(group, { counter: 0, added: MANY, workers: { done: MANY } });
  const requests = await eventually('every write in the audit log', async () => {
    const sofar = await operatorRequests(controlPlane, jobs.namespace);
    return sofar.filter(({ verb }) => verb === 'patch').length >= MANY && sofar;
  });
  const count = (verb: string, resource: string) =>
    requests.filter((request) => request.verb === verb && request.objectRef?.resource === resource).length;
  expect([count('get', 'jobs'), count('create', 'waitgroupworkers'), count('patch', 'waitgroupworkers')]).toEqual([
    MANY,
    MANY,
    MANY,
  ]);
  expect(count('get', 'waitgroupworkers')).toBe(0);
});

it('without permission to read Jobs, all other workers are counted, and the log says so once', async () => {
  const jobs = await newJobs();
  const { namespace } = jobs;
  const path = await accountWithoutJobs(namespace);
  const operator = await startOperatorIn(namespace, path);
  const group = await jobs.group();
  const denials = (wanted: string) =>
    operator.log.filter(
      ({ level, resource, msg }) => level === wanted && resource === 'jobs' && msg === 'watch failed, retrying',
    );
  await eventually('two retries', () => denials('debug').length >= 2);
  expect(denials('warn')).toMatchObject([{ hint: expect.stringContaining('install.yaml') }]);
  const job = await jobs.create(group);
  await operate(group, 'add', 'other');
  await jobs.reaches(group, { counter: 1 });
  await permitJobs(namespace, ['batch']);
  await jobs.reaches(group, { counter: 2 });
  await jobs.complete(job);
  await jobs.reaches(group, { counter: 1, workers: { done: 1 } });
});

const RBAC = 'rbac.authorization.k8s.io';

/** With the permissions of the operator in its namespace, except those on Jobs. */
async function accountWithoutJobs(namespace: string): Promise<string> {
  await permitJobs(namespace, []);
  const subjects = [{ kind: 'ServiceAccount', namespace, name: 'operator' }];
  const roleRef = { kind: 'Role', name: 'operator', apiGroup: RBAC };
  const binding = { apiVersion: `${RBAC}/v1`, resource: 'rolebindings', namespace, name: 'operator' };
  await applyObject(controlPlane, binding, { kind: 'RoleBinding', subjects, roleRef });
  return serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'operator' });
}

async function permitJobs(namespace: string, groups: readonly string[]): Promise<void> {
  const path = `/apis/${RBAC}/v1/clusterroles/konductor-operator`;
  const { rules } = await transport.request<{ rules: { apiGroups: string[] }[] }>({ method: 'GET', path });
  const kept = rules.filter(({ apiGroups }) => apiGroups.every((group) => group !== 'batch' || groups.includes(group)));
  const role = { apiVersion: `${RBAC}/v1`, resource: 'roles', namespace, name: 'operator' };
  await applyObject(controlPlane, role, { kind: 'Role', rules: kept });
}
