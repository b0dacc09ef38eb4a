// The permissions of the accounts of the shipped manifests, on a real API server with their tokens only.
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const DIRECTORY = join(import.meta.dirname, '../../../cdk8s/manifests');
const access = inject('controlPlane');
const fileOf = (path: string) => join(DIRECTORY, path);

describe('the account of an example', () => {
  let namespace: string;

  beforeAll(async () => {
    namespace = await createNamespace(access, 'permissions');
    for (const path of ['batch-job', 'pipeline']) {
      await kubectlOutput(access, ['apply', '--server-side', '-n', namespace, '-f', fileOf(`examples/${path}.yaml`)]);
    }
  });

  const as = async (serviceAccount: string) => serviceAccountKubeconfig(access, { namespace, serviceAccount });
  const list = (name: string) =>
    `/apis/konductor.io/v1/namespaces/${namespace}/waitgroups?fieldSelector=metadata.name%3D${name}`;

  /** One request of koncli, sent by kubectl with the permissions of the account. */
  const request = async (serviceAccount: string, verb: string, name: string) => {
    const options = { kubeconfig: await as(serviceAccount) };
    if (verb === 'list') return kubectl(access, ['get', '--raw', list(name)], options);
    if (verb === 'watch') return kubectl(access, ['get', '--raw', `${list(name)}&watch=1&timeoutSeconds=1`], options);
    if (verb !== 'updateStatus') return kubectl(access, [verb, 'waitgroup', name], options);
    const group = await kubectlJson<object>(access, ['get', 'waitgroup', name, '-n', namespace]);
    const input = JSON.stringify({ ...group, status: { counter: 1, phase: 'Waiting' } });
    return kubectl(access, ['replace', '--subresource=status', '-f', '-'], { ...options, input });
  };

  it.each([
    ['batch-jobs-worker', 'get', 'batch-jobs'],
    ['batch-jobs-worker', 'list', 'batch-jobs'],
    ['batch-jobs-worker', 'watch', 'batch-jobs'],
    ['batch-jobs-coordinator', 'watch', 'batch-jobs'],
    ['batch-jobs-coordinator', 'updateStatus', 'batch-jobs'],
    ['batch-process', 'get', 'pipeline-stage'],
    ['batch-process', 'list', 'pipeline-stage'],
    ['batch-process', 'watch', 'pipeline-stage'],
    ['batch-process', 'updateStatus', 'batch-process'],
  ])('%s may %s %s', async (account, verb, name) => {
    expect(await request(account, verb, name)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['batch-jobs-worker', 'updateStatus', 'batch-jobs'],
    ['batch-jobs-coordinator', 'updateStatus', 'pipeline-stage'],
    ['batch-jobs-worker', 'get', 'pipeline-stage'],
    ['batch-jobs-worker', 'list', 'pipeline-stage'],
    ['batch-jobs-worker', 'delete', 'batch-jobs'],
    ['batch-process', 'updateStatus', 'pipeline-stage'],
    ['batch-process', 'delete', 'pipeline-stage'],
    ['batch-process', 'delete', 'batch-process'],
    ['pipeline-stage', 'get', 'batch-process'],
  ])('%s may not %s %s', async (account, verb, name) => {
    const { code, stderr } = await request(account, verb, name);
    expect(code).not.toBe(0);
    expect(stderr).toContain('(Forbidden)');
  });

  it('batch-jobs-worker may not change the spec of its WaitGroup', async () => {
    const options = { kubeconfig: await as('batch-jobs-worker') };
    const patch = ['patch', 'waitgroup', 'batch-jobs', '--type=merge', '-p', '{"spec":{"ttl":"0s"}}'];
    expect((await kubectl(access, patch, options)).stderr).toContain('(Forbidden)');
  });
});

describe('the account of the operator', () => {
  let kubeconfig: string;

  beforeAll(async () => {
    await kubectlOutput(access, ['apply', '--server-side', '-f', fileOf('install.yaml')]);
    const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
    kubeconfig = await serviceAccountKubeconfig(access, account);
  });

  it('is not alone in that it may change records: the garbage collector edits their owners', async () => {
    const user = '--as=system:serviceaccount:kube-system:generic-garbage-collector';
    const question = ['update', 'waitgroups.konductor.io', '--subresource=manage', '-A', user];
    expect((await kubectl(access, ['auth', 'can-i', ...question])).stdout.trim()).toBe('yes');
  });

  it.each([
    ['yes', ['list', 'waitgroups.konductor.io']],
    ['yes', ['watch', 'waitgroups.konductor.io']],
    ['yes', ['delete', 'waitgroups.konductor.io']],
    ['yes', ['update', 'waitgroups.konductor.io', '--subresource=status']],
    ['yes', ['update', 'waitgroups.konductor.io', '--subresource=manage']],
    ['yes', ['create', 'waitgroupworkers.konductor.io']],
    ['yes', ['watch', 'waitgroupworkers.konductor.io']],
    ['yes', ['patch', 'waitgroupworkers.konductor.io']],
    ['yes', ['delete', 'waitgroupworkers.konductor.io']],
    ['yes', ['watch', 'pods']],
    ['yes', ['watch', 'jobs.batch']],
    ['yes', ['get', 'namespaces']],
    ['yes', ['create', 'events']],
    ['yes', ['list', 'events']],
    ['no', ['create', 'leases.coordination.k8s.io']],
    ['no', ['create', 'waitgroups.konductor.io']],
    ['no', ['update', 'waitgroups.konductor.io']],
    ['no', ['patch', 'events']],
    ['no', ['update', 'waitgroupworkers.konductor.io']],
    ['no', ['delete', 'pods']],
    ['no', ['patch', 'jobs.batch']],
    ['no', ['list', 'namespaces']],
    ['no', ['list', 'secrets']],
    ['no', ['get', 'customresourcedefinitions']],
  ])('gets %s to kubectl auth can-i %j in all namespaces', async (answer, question) => {
    const { stdout } = await kubectl(access, ['auth', 'can-i', ...question, '-A'], { kubeconfig });
    expect(stdout.trim()).toBe(answer);
  });
});
