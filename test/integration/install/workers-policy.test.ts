// The admission policy on the records of workers, as it is shipped, with tokens that are bound to pods: a pod writes its own
// record and no other.
import { type KubeTransport, resourcePath, toWorkerId } from '@konductor/client';
import { API_GROUP_VERSION, type WaitGroupWorker } from '@konductor/schema';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { managerRules, workerRules } from '../../../cdk8s/src/rbac/rules.ts';
import { applyObject } from '../../support/cluster/administrator.ts';
import { grantRules } from '../../support/cluster/client-access.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { areGranted, type PolicyRule } from '../../support/cluster/permissions.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { workersPath } from '../../support/cluster/worker-records.ts';
import {
  account,
  close,
  groups,
  namespace,
  openTransport,
  patch,
  podNamed,
  pods,
  post,
  prepare,
  record,
} from './pod-bound-requests.ts';

const access = inject('controlPlane');
beforeAll(prepare);
afterAll(close);

const NO_POD = /a worker is known by the token of its pod, and this token names no pod in the namespace/;
it('a pod writes its own record, from the first write to the last, again and again', async () => {
  const pod = await podNamed('own-1');
  const created = await post(pod, record('own-1', 'own-1', {}));
  await patch(pod, created, { spec: { done: 1, state: 'Done' } });
  await patch(pod, created, { spec: { added: 2, state: 'Active' } });
  expect((await patch(pod, created, { spec: { done: 2, state: 'Failed' } })).spec).toMatchObject({ added: 2, done: 2 });
});

it('a pod of an Indexed Job writes the record of its index, and the pod that replaces it takes that over', async () => {
  const first = await podNamed('indexed-3-abcde');
  const created = await post(first, record('indexed-3', 'indexed-3-abcde', {}));
  const second = await podNamed('indexed-3-fghij');
  await patch(second, created, { spec: { pod: pods.get('indexed-3-fghij') } });
  await expect(patch(first, created, { spec: { done: 1, state: 'Done' } })).rejects.toThrow(
    /spec\.pod must be the pod/,
  );
  expect((await patch(second, created, { spec: { done: 1, state: 'Done' } })).spec.state).toBe('Done');
});

it.each([`long-${'x'.repeat(70)}`, 'my.app-1'])('pod %s writes the record of its cut and hashed name', async (name) => {
  const pod = await podNamed(name);
  expect((await post(pod, record(toWorkerId(name), name, {}))).spec.pod).toEqual(pods.get(name));
  const forged = `${toWorkerId(name).slice(1, -8)}00000000`;
  await expect(post(pod, record(forged, name, {}))).rejects.toThrow(/spec\.worker .* is not pod/);
});

describe('a pod is denied', () => {
  let pod: KubeTransport;
  let own: WaitGroupWorker;
  let foreign: WaitGroupWorker;
  // A pod of a Job, whose name is the hostname of an Indexed Job's pod as well.
  let podOfJob: KubeTransport;
  let ofJob: WaitGroupWorker;
  const JOB = { name: 'nightly', uid: 'a' };
  const OF_JOB = /spec\.job is for the operator, which keeps the records of Jobs/;

  beforeAll(async () => {
    [pod] = (await Promise.all(['web-1', 'web-2'].map((name) => podNamed(name)))) as [KubeTransport, KubeTransport];
    const administrator = await openTransport(access.kubeconfig);
    own = await post(pod, record('web-1', 'web-1', {}));
    foreign = await post(administrator, record('web-2', 'web-2', {}));
    ofJob = await post(administrator, record('nightly', '', { job: JOB }));
    podOfJob = await podNamed('nightly-abcde');
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'the record of another worker',
      () => post(pod, record('web-3', 'web-1', {})),
      /forbidden.*spec\.worker web-3 is not pod web-1: set the name of the pod, or its hostname in an Indexed Job, as --worker auto does/,
    ],
    [
      'a name that its own begins with',
      () => post(pod, record('web', 'web-1', {})),
      /spec\.worker web is not pod web-1/,
    ],
    [
      'the name of the pod of another',
      () => post(pod, record('web-2', 'web-2', {})),
      /spec\.pod must be the pod of the token: set name web-1 and uid /,
    ],
    [
      'the uid of another pod',
      () => post(pod, record('web-1', 'web-1', { pod: { name: 'web-1', uid: `${pods.get('web-2')?.uid}` } })),
      /spec\.pod must be the pod of the token: set name web-1 and uid /,
    ],
    ['a record without its pod', () => post(pod, record('web-1', '', {})), /spec\.pod must be the pod of the token/],
    [
      'to finish the work of another',
      () => patch(pod, foreign, { spec: { done: 1, state: 'Done' } }),
      /spec\.pod must be the pod of the token/,
    ],
    [
      'to take over the record of another',
      () => patch(pod, foreign, { spec: { pod: pods.get('web-1') } }),
      /spec\.worker web-2 is not pod web-1/,
    ],
    [
      'to hand its record to another pod',
      () => patch(pod, own, { spec: { pod: pods.get('web-2') } }),
      /spec\.pod must be the pod of the token/,
    ],
    ['a record of its Job', () => post(podOfJob, record('nightly-abcde', '', { job: JOB })), OF_JOB],
    ['to finish the work of its Job', () => patch(podOfJob, ofJob, { spec: { done: 1, state: 'Done' } }), OF_JOB],
    [
      'to take over the record of its Job',
      () => patch(podOfJob, ofJob, { spec: { job: null, pod: pods.get('nightly-abcde') } }),
      OF_JOB,
    ],
    [
      'a WaitGroup that it is not granted',
      () => post(pod, record('web-1', 'web-1', { waitGroup: 'other' })),
      /the account cannot report to WaitGroup other: grant it the verb create on waitgroups\/report, with the resourceName other$/,
    ],
    [
      'a record that outlives its WaitGroup',
      () => post(pod, record('web-1', 'web-1', { metadata: { ownerReferences: [] } })),
      /metadata\.ownerReferences must name the WaitGroup and nothing else/,
    ],
    [
      'a record of another owner',
      () => {
        const owner = { apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', name: 'other', uid: groups.other.uid };
        return post(pod, record('web-1', 'web-1', { metadata: { ownerReferences: [owner] } }));
      },
      /metadata\.ownerReferences must name the WaitGroup and nothing else/,
    ],
    [
      'to take its record from its WaitGroup',
      () => patch(pod, own, { metadata: { ownerReferences: null } }),
      /metadata\.ownerReferences must name the WaitGroup and nothing else/,
    ],
    [
      'to keep its record from being deleted',
      () => patch(pod, own, { metadata: { finalizers: ['example.com/keep'] } }),
      /metadata\.finalizers would keep the record/,
    ],
    [
      'to delete its record',
      () => pod.request({ method: 'DELETE', path: workersPath(namespace, own.metadata.name) }),
      /cannot delete/,
    ],
    [
      'the status of its WaitGroup',
      () => {
        const group = { apiVersion: API_GROUP_VERSION, resource: 'waitgroups', namespace, name: 'batch' };
        const body = { status: { counter: 0, phase: 'Done' } };
        const contentType = 'application/merge-patch+json';
        return pod.request({ method: 'PATCH', path: `${resourcePath(group)}/status`, body, contentType });
      },
      /cannot patch resource "waitgroups\/status"/,
    ],
    [
      'a tally in one leap',
      () => patch(pod, own, { spec: { added: 9, done: 8 } }),
      /one write can count only one unit of work/,
    ],
    [
      'a first tally in one leap',
      () => post(pod, record('web-1', 'web-1', { added: 2, done: 1 })),
      /one write can count only one unit of work/,
    ],
    ['another identity', () => patch(pod, own, { spec: { worker: 'web-2' } }), /spec\.worker: .*immutable/],
    ['another WaitGroup', () => patch(pod, own, { spec: { waitGroup: 'other' } }), /spec\.waitGroup: .*immutable/],
  ])('%s', async (_, send, message) => {
    await expect(send()).rejects.toThrow(message);
  });

  it('nothing else: its record and the other one are as they were', async () => {
    const read = ({ metadata: { name } }: WaitGroupWorker) =>
      pod.request({ method: 'GET', path: workersPath(namespace, name) });
    expect([await read(own), await read(foreign)]).toEqual([own, foreign]);
    expect((await patch(pod, own, { spec: { done: 1, state: 'Done' } })).spec.done).toBe(1);
  });
});

describe('an account without a pod', () => {
  const as = async (serviceAccount: string) =>
    openTransport(await serviceAccountKubeconfig(access, { namespace, serviceAccount }));

  it('that can only report is denied', async () => {
    await expect(post(await as('worker'), record('any', '', {}))).rejects.toThrow(NO_POD);
  });

  it('that manages the WaitGroup writes any record of it, and none of others', async () => {
    await applyObject(access, account('manager'), { kind: 'ServiceAccount' });
    await grantRules(access, { namespace, rules: managerRules('batch') as PolicyRule[], name: 'manager' });
    const manager = await as('manager');
    const created = await post(manager, record('any', '', {}));
    expect((await patch(manager, created, { spec: { done: 1, state: 'Lost' } })).spec.state).toBe('Lost');
    const other = post(manager, record('any', '', { waitGroup: 'other' }));
    await expect(other).rejects.toThrow(/cannot report to WaitGroup other/);
  });

  it('that is the operator’s releases a worker, and deletes its record', async () => {
    const operator = await openTransport(await installOperator(access));
    const administrator = await openTransport(access.kubeconfig);
    const created = await post(administrator, record('gone', '', {}));
    const lost = await patch(operator, created, { spec: { done: 1, state: 'Lost', message: 'pod gone was deleted' } });
    expect(lost.spec.state).toBe('Lost');
    await operator.request({ method: 'DELETE', path: workersPath(namespace, created.metadata.name) });
  });
});

it('a pod of another namespace is denied, although its account is granted the WaitGroup', async () => {
  const home = await createNamespace(access, 'elsewhere');
  await applyObject(access, { ...account('worker'), namespace: home }, { kind: 'ServiceAccount' });
  const name = 'foreign';
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', namespace, name };
  const rules = workerRules('batch') as PolicyRule[];
  const subjects = [{ kind: 'ServiceAccount', name: 'worker', namespace: home }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  await applyObject(access, { ...rbac, resource: 'roles' }, { kind: 'Role', rules });
  await applyObject(access, { ...rbac, resource: 'rolebindings' }, { kind: 'RoleBinding', roleRef, subjects });
  await areGranted(access, { user: `system:serviceaccount:${home}:worker`, namespace, rules });
  const pod = await podNamed('foreign-1', home);
  await expect(post(pod, record('foreign-1', 'foreign-1', {}))).rejects.toThrow(NO_POD);
});
