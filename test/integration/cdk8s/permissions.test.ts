// The permissions of the accounts of synthesized workloads, and the synthesized commands with exactly these permissions: real
// tokens, the compiled koncli, a real API server.
import { type WaiterOptions, WaitGroup, type WaitGroupProps, type WorkerOptions } from '@konductor/cdk8s';
import { Job, ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { templateOf, workloads } from '../../cdk8s/workloads.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const metadata = { name: 'batch' };

/** Applies everything except the Jobs, which nothing runs here. */
async function applyGrants(manifests: readonly Manifest[]): Promise<string> {
  const namespace = await createNamespace(access, 'permissions');
  const items = manifests.filter(({ kind }) => kind !== 'Job');
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '--server-side', '-n', namespace, '-f', '-'], { input });
  return namespace;
}

describe('waitFor', () => {
  it('synthesizes a command that waits for the first worker and for all of them, with the permissions of a waiter', async () => {
    const manifests = synth((scope) => new WaitGroup(scope, 'G', { metadata }).waitFor(workloads.Job(scope)));
    const namespace = await applyGrants(manifests);
    const kubeconfig = await serviceAccountKubeconfig(access, { namespace, serviceAccount: 'work' });
    const [container] = templateOf(pick(manifests, 'Job')).spec.initContainers;
    const wait = startKoncli(container.command.slice(1), { kubeconfig });
    const asAdmin = (verb: string) =>
      koncli(['waitgroup', verb, 'batch', '-n', namespace], { kubeconfig: access.kubeconfig });
    expect(await asAdmin('add')).toMatchObject({ code: 0 });
    expect(wait.process.exitCode).toBeNull();
    expect(await asAdmin('done')).toMatchObject({ code: 0 });
    expect(await wait.result).toMatchObject({ code: 0 });
    const { stderr } = await koncli(['waitgroup', 'add', 'batch'], { kubeconfig });
    expect(stderr).toContain('waitgroups/status');
  });
});

describe('waitFor a WaitGroup that fails', () => {
  it.each<[string, WaiterOptions, number, number]>([
    ['ends with code 6 while work is outstanding', {}, 6, 1],
    ['waits until no work is outstanding with ignoreFailure', { ignoreFailure: true }, 0, 0],
  ])('synthesizes a command that %s', async (_, options, code, counter) => {
    const build = (scope: Construct) =>
      new WaitGroup(scope, 'G', { metadata, initialCount: 2 }).waitFor(workloads.Job(scope), options);
    const manifests = synth(build);
    const namespace = await applyGrants(manifests);
    const kubeconfig = await serviceAccountKubeconfig(access, { namespace, serviceAccount: 'work' });
    const [container] = templateOf(pick(manifests, 'Job')).spec.initContainers;
    const wait = startKoncli(container.command.slice(1), { kubeconfig });
    const asAdmin = (...args: string[]) =>
      koncli(['waitgroup', ...args, '-n', namespace], { kubeconfig: access.kubeconfig });
    expect(await asAdmin('fail', 'batch', '--message', 'no space left')).toMatchObject({ code: 0 });
    for (let left = 1; left > counter; left--) expect(await asAdmin('done', 'batch')).toMatchObject({ code: 0 });
    expect(await wait.result).toMatchObject({ code });
  });
});

describe('addWorkers', () => {
  type Given = WaitGroupProps & Pick<WorkerOptions, 'onFailure'>;

  let operator: string;

  beforeAll(async () => {
    operator = await installOperator(access);
  });

  /** Starts the container of one of the Job's pods, again if it fails, with the permissions of its account. */
  async function runWorker({ onFailure, ...props }: Given, command: string[], starts = 1) {
    const manifests = synth((scope) => {
      const containers = [{ image: 'my-app', command }];
      const job = new Job(scope, 'Job', { metadata: { name: 'work' }, containers });
      new WaitGroup(scope, 'Group', { metadata, ...props }).addWorkers(job, { onFailure, unchecked: true });
    });
    const namespace = await applyGrants(manifests);
    await startOperatorIn(namespace, operator);
    const { spec } = templateOf(pick(manifests, 'Job'));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'work-abcde' }, spec };
    await kubectlOutput(access, ['create', '-n', namespace, '-f', '-'], { input: JSON.stringify(pod) });
    const token = { namespace, serviceAccount: 'work', boundPod: 'work-abcde' };
    const kubeconfig = await serviceAccountKubeconfig(access, token);
    const env = { PATH: '/usr/bin:/bin' };
    const codes: unknown[] = [];
    while (codes.length < starts)
      codes.push((await koncli(spec.containers[0].command.slice(1), { kubeconfig, env })).code);
    return { codes, statusOf: () => kubectlJson(access, ['get', 'wg', 'batch', '-n', namespace]) };
  }

  const failed = { outcome: 'Failed', failure: { reason: 'WorkerFailed' } };

  const fails = ['sh', '-c', 'exit 7'];

  it.each<[string, Given, string[], number[], object]>([
    ['adds 1, runs, and marks its work done', {}, ['true'], [0], { counter: 0, added: 1 }],
    ['marks counted work done', { initialCount: 3 }, ['true'], [0], { counter: 2, added: 3 }],
    ['leaves the work outstanding if it fails', {}, fails, [7], { counter: 1, workers: { active: 1 } }],
    ['adds 1 in all attempts of its container', {}, fails, [7, 7], { counter: 1, added: 1 }],
    [
      'fails the WaitGroup if it fails, and marks its work done once',
      { initialCount: 3, onFailure: 'fail' },
      fails,
      [7, 7],
      { counter: 2, ...failed },
    ],
  ])('synthesizes a command that %s, with the permissions of a worker', async (_, props, command, codes, status) => {
    const worker = await runWorker(props, command, codes.length);
    expect(worker.codes).toEqual(codes);
    await eventually('the count', async () => {
      expect(await worker.statusOf()).toMatchObject({ status });
      return true;
    });
  });
});

describe('grantManager', () => {
  let namespace: string;
  let kubeconfig: string;

  beforeAll(async () => {
    const grant = (scope: Construct) => {
      const account = new ServiceAccount(scope, 'Account', { metadata: { name: 'manager' } });
      new WaitGroup(scope, 'Group', { metadata }).grantManager(account);
    };
    namespace = await applyGrants(synth(grant));
    kubeconfig = await serviceAccountKubeconfig(access, { namespace, serviceAccount: 'manager' });
  });

  const manage = (...args: string[]) => koncli(['waitgroup', ...args], { kubeconfig });
  const apply = (name: string) =>
    kubectl(access, ['apply', '--server-side', '-f', '-'], {
      kubeconfig,
      input: JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name } }),
    });

  it('allows an account to count, to repair with an Event, to delete the WaitGroup, and to recreate it', async () => {
    expect(await manage('add', 'batch', '--delta', '2')).toMatchObject({ code: 0 });
    expect(await manage('set', 'batch', '--counter', '0', '--reason', 'test')).toMatchObject({ code: 0, stderr: '' });
    expect(await manage('delete', 'batch')).toMatchObject({ code: 0 });
    expect(await apply('batch')).toMatchObject({ code: 0 });
  });

  it('allows it no other WaitGroup', async () => {
    expect((await apply('other')).stderr).toContain('forbidden');
    expect(await manage('create', 'other')).toMatchObject({ code: 4 });
    await kubectlOutput(access, ['create', '-n', namespace, '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata: { name: 'foreign' } }),
    });
    expect(await manage('delete', 'foreign')).toMatchObject({ code: 4 });
    expect(await manage('add', 'foreign')).toMatchObject({ code: 4 });
  });
});
