import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installPolicies } from '../../support/cluster/admission-policies.ts';
import { restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { changedKubeconfig, kubeconfigOfNobody, paste } from '../../support/processes/koncli-fixtures.ts';
import { type KoncliOptions, koncli } from '../../support/processes/koncli-process.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const HOLD_PATH = 'cdk8s/manifests/hold.yaml';
const HOLD = join(root, HOLD_PATH);
const PERMISSIONS = ['read', 'count', 'report', 'manage', 'events'];

// Of its own: what is installed in it changes.
let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane();
});
afterAll(() => controlPlane.stop());

interface Check {
  readonly name: string;
  readonly outcome: string;
  readonly message: string;
  readonly advice?: string;
}

async function doctor(args: readonly string[] = [], options: KoncliOptions = controlPlane) {
  const { code, stdout, stderr } = await koncli(['doctor', '-o', 'json', ...args], options);
  const { checks }: { checks: readonly Check[] } = JSON.parse(stdout);
  const outcomes = Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
  return { code, stderr, outcomes, check: (name: string) => checks.find((check) => check.name === name) };
}

const commandOf = (check: Check | undefined) => /needs with (echo .*)$/.exec(check?.advice ?? '')?.[1] ?? '';
const apply = (input: string) => kubectlOutput(controlPlane, ['apply', '--server-side', '-f', '-'], { input });

describe('koncli doctor without the CRD', () => {
  it('exits with 2, says how to install it, and runs the other checks', async () => {
    const { code, stderr, outcomes, check } = await doctor();
    expect([code, stderr]).toEqual([2, 'koncli: failed checks: CRD\n']);
    expect(outcomes).toMatchObject({ 'API server': 'ok', identity: 'ok', clock: 'ok', CRD: 'failure', read: 'ok' });
    expect(check('CRD')?.message).toMatch(/install.*kubectl apply/);
  });
});

describe('koncli doctor', () => {
  beforeAll(async () => {
    await installCrd(controlPlane);
    await installPolicies(controlPlane);
    await koncli(['wg', 'create', 'batch'], controlPlane);
  });

  it('reports a healthy cluster', async () => {
    await apply(JSON.stringify(OPERATOR_NAMESPACE));
    await apply(JSON.stringify(DEPLOYMENT));
    await setReadyReplicas(1);
    const { code, stderr, outcomes } = await doctor();
    expect([code, stderr]).toEqual([0, '']);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['ok']));
    expect(Object.keys(outcomes)).toEqual([
      'API server',
      'identity',
      'clock',
      'CRD',
      'policies',
      'hold',
      'namespace',
      ...PERMISSIONS,
      'operator',
    ]);
  });

  it("compares the operator's clock with the time at which the API server stored its renewal", async () => {
    const renewal = async (aheadMs: number) => {
      const time = (ms: number) => new Date(Date.now() + ms).toISOString().replace('Z', '000Z');
      const metadata = { name: 'konductor-operator', namespace: 'konductor-system' };
      const spec = { holderIdentity: 'one', leaseDurationSeconds: 15, renewTime: time(aheadMs) };
      await apply(JSON.stringify({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }));
      return (await doctor()).check('clock');
    };
    const message = expect.stringMatching(/^the clock of the operator is 7(19|20)\d s ahead of the API server: /);
    expect(await renewal(7_200_000)).toMatchObject({ outcome: 'warning', message });
    expect(await renewal(0)).toMatchObject({ outcome: 'ok' });
  });

  it('prints a line for each check', async () => {
    const { code, stdout } = await koncli(['doctor'], controlPlane);
    const version = await kubectlJson<{ serverVersion: { gitVersion: string } }>(controlPlane, ['version']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^ok +API server +${controlPlane.server} responded in \\d+ ms, Kubernetes `));
    expect(stdout).toContain(`Kubernetes ${version.serverVersion.gitVersion}\n`);
    expect(stdout).toMatch(
      /\nok +CRD +waitgroups.konductor.io and waitgroupworkers.konductor.io match koncli [^\n]+\n/,
    );
    expect(stdout).toMatch(
      /\nok +operator +Deployment konductor-system\/konductor-operator has 1 of 1 replicas ready\n$/,
    );
  });

  it('fails an operator that is not ready', async () => {
    await setReadyReplicas(0);
    const { code, stderr, check } = await doctor();
    expect([code, stderr]).toEqual([1, 'koncli: failed checks: operator\n']);
    expect(check('operator')).toMatchObject({ message: expect.stringContaining('0 of 1 replicas ready') });
  });

  it('finds an operator in another namespace by its label, or without permission for that, by its name', async () => {
    const elsewhere = await createNamespace(controlPlane, 'operator');
    const labels = { 'app.kubernetes.io/name': 'konductor-operator' };
    const args = ['--watch-namespace=$(POD_NAMESPACE)'];
    const template = { ...DEPLOYMENT.spec.template, spec: { containers: [{ name: 'operator', image: 'none', args }] } };
    const metadata = { name: 'konductor-operator', namespace: elsewhere, labels };
    const deployment = { ...DEPLOYMENT, metadata, spec: { ...DEPLOYMENT.spec, template } };
    await apply(JSON.stringify(deployment));
    const found = {
      message: expect.stringContaining(`Deployment ${elsewhere}/konductor-operator has 0 of 1 replicas ready`),
    };
    expect((await doctor(['-n', elsewhere])).check('operator')).toMatchObject(found);
    const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] }];
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace: elsewhere, rules, name: 'looker' });
    expect((await doctor(['-n', elsewhere], { kubeconfig })).check('operator')).toMatchObject(found);
    const { check } = await doctor(['-n', 'default']);
    expect(check('operator')).toMatchObject({ message: expect.stringContaining('Deployment konductor-system/') });
  });

  it.each([
    ['wait', { read: 'failure', count: 'warning', manage: 'warning', events: 'warning' }, 'read'],
    ['work', { read: 'failure', count: 'failure', manage: 'warning', events: 'warning' }, 'read, count'],
    [
      'manage',
      { read: 'failure', count: 'failure', manage: 'failure', events: 'failure' },
      'read, count, manage, events',
    ],
  ])('exits with 4 and prints one command that grants all that is needed to %s', async (purpose, denied, failed) => {
    const serviceAccount = `to-${purpose}`;
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace: 'default', serviceAccount });
    const look = (name = 'batch') => doctor([name, '--for', purpose], { kubeconfig });
    const { code, stderr, outcomes, check } = await look();
    expect([code, stderr]).toEqual([4, `koncli: failed checks: ${failed}\n`]);
    expect(outcomes).toMatchObject(denied);
    expect(check('identity')?.message).toBe(`authenticated as system:serviceaccount:default:${serviceAccount}`);
    expect(check('operator')).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('cannot be read (forbidden)'),
    });
    await paste(controlPlane, commandOf(check('read')));
    const granted = Object.fromEntries(
      Object.entries(denied).map(([name, outcome]) => [name, outcome === 'failure' ? 'ok' : outcome]),
    );
    await eventually('the permissions', async () => {
      const found = await look();
      expect(found).toMatchObject({ code: 0, outcomes: granted });
      return true;
    });
    expect(await look('other')).toMatchObject({ code: 4 });
  });

  it('warns of an admission policy that is missing, older, or does not deny', async () => {
    const policies = async () => (await doctor()).check('policies');
    const binding = ['validatingadmissionpolicybinding', 'workers.konductor.io'];
    const patchBinding = (change: object) =>
      kubectlOutput(controlPlane, ['patch', ...binding, '--type=merge', '-p', JSON.stringify(change)]);
    await patchBinding({ spec: { validationActions: ['Audit'] } });
    const message = (problem: string) =>
      expect.stringContaining(`ValidatingAdmissionPolicyBinding workers.konductor.io ${problem}: `);
    expect(await policies()).toMatchObject({ outcome: 'warning', message: message('does not deny') });
    await patchBinding({ metadata: { labels: { 'app.kubernetes.io/version': '0.0.9' } } });
    expect(await policies()).toMatchObject({ outcome: 'warning', message: message('is of version 0.0.9') });
    await kubectlOutput(controlPlane, ['delete', ...binding]);
    expect(await policies()).toMatchObject({ outcome: 'warning', message: message('is not installed') });
    await installPolicies(controlPlane);
    expect(await policies()).toMatchObject({ outcome: 'ok' });
  });

  it('warns of hold.yaml that is installed in part, and not where it is not installed', async () => {
    const hold = async (options?: KoncliOptions) => (await doctor([], options)).check('hold');
    const remove = (kind: string, name: string) => kubectlOutput(controlPlane, ['delete', kind, name]);
    const warns = (text: string) => ({ outcome: 'warning', message: expect.stringContaining(text) });
    expect(await hold()).toMatchObject({ outcome: 'ok', message: expect.stringMatching(/^not installed: /) });
    await kubectlOutput(controlPlane, ['apply', '--server-side', '-f', HOLD]);
    const byLabel =
      'installed for the cluster: the label konductor.io/after holds Jobs and pods, and the operator lets them go';
    expect(await hold()).toMatchObject({ outcome: 'ok', message: byLabel });
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace: 'default', serviceAccount: 'any' });
    expect(await hold({ kubeconfig })).toMatchObject({
      outcome: 'ok',
      message: expect.stringMatching(/cannot be read/),
    });
    await remove('mutatingadmissionpolicybinding', 'pods.hold.konductor.io');
    const half = warns('MutatingAdmissionPolicyBinding pods.hold.konductor.io is not installed');
    expect(await hold()).toMatchObject({
      ...half,
      advice: `apply all of it: kubectl apply --server-side -f ${HOLD_PATH}`,
    });
    await kubectlOutput(controlPlane, ['delete', 'mutatingadmissionpolicies,mutatingadmissionpolicybindings', '--all']);
    expect(await hold()).toMatchObject({ outcome: 'ok', message: expect.stringContaining('Jobs set spec.suspend') });
    await remove('validatingadmissionpolicybinding', 'hold.konductor.io');
    expect(await hold()).toMatchObject(warns('is not installed: the operator can change everything in Jobs and pods'));
    await remove('clusterrolebinding', 'konductor-operator-hold');
    expect(await hold()).toMatchObject(warns('the operator lets nothing go'));
    await kubectlOutput(controlPlane, ['delete', '-f', HOLD, '--ignore-not-found']);
    const role = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'konductor-operator-hold' },
    };
    await apply(JSON.stringify({ ...role, rules: [] }));
    expect(await hold()).toMatchObject(warns('ValidatingAdmissionPolicy default.hold.konductor.io is not installed'));
    await remove('role', 'konductor-operator-hold');
  });

  it('fails in a namespace that does not exist, and exits with 2', async () => {
    const { code, check } = await doctor(['-n', 'typo']);
    expect(code).toBe(2);
    expect(check('namespace')).toMatchObject({
      outcome: 'failure',
      message: '"typo" not found',
      advice: 'create it, or select another with -n',
    });
  });

  it('does not take traces of an operator for an operator: no Deployment is never ok', async () => {
    await wg('create', 'traced');
    await wg('add', 'traced');
    await patch('traced', { observedGeneration: 1 });
    await kubectlOutput(controlPlane, ['delete', 'deployment', 'konductor-operator', '-n', 'konductor-system']);
    expect((await doctor(['traced'])).check('operator')).toMatchObject({
      outcome: 'warning',
      message: expect.stringMatching(
        /not found: the operator reconciled waitgroup "traced" \d+s ago, but it is unknown/,
      ),
    });
    await apply(JSON.stringify(DEPLOYMENT));
    await setReadyReplicas(1);
    // Its completion is older than an operator needs to record it.
    await wg('done', 'traced');
    await patch('traced', { conditions: [{ ...DONE, lastTransitionTime: '2026-01-02T03:04:05Z' }] });
    const { code, check } = await doctor(['traced']);
    expect(code).toBe(0);
    expect(check('operator')).toMatchObject({
      outcome: 'warning',
      message: expect.stringMatching(/1 of 1 replicas ready; waitgroup "traced" .* has not recorded the completion/),
    });
    const { stdout } = await koncli(['status'], controlPlane);
    // On a slow machine, the one that all tests use is late, too, and is named first.
    expect(stdout).toMatch(/\nwarning +operator +Deployment .*; waitgroup "(batch|traced)" in namespace /);
    await wg('delete', 'traced');
  });

  it('checks the permissions of another account with --as', async () => {
    const rules = [{ apiGroups: ['konductor.io'], resources: ['waitgroups'], verbs: ['get', 'list', 'watch'] }];
    await restrictedKubeconfig(controlPlane, { namespace: 'default', rules, name: 'reader' });
    const account = 'system:serviceaccount:default:reader';
    const seen = await doctor(['batch', '--for', 'wait', '--as', account]);
    expect(seen).toMatchObject({ code: 0, outcomes: { read: 'ok', count: 'warning' } });
    expect(seen.check('identity')?.message).toBe(`authenticated as ${account}`);
    expect(await doctor(['batch', '--as', account])).toMatchObject({ code: 4, outcomes: { count: 'failure' } });
  });

  it('exits with 4 if the caller may not impersonate', async () => {
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace: 'default', serviceAccount: 'nobody' });
    const { code, check } = await doctor(['batch', '--as', 'ada'], { kubeconfig });
    expect(code).toBe(4);
    expect(check('API server')?.message).toMatch(/cannot impersonate/);
  });

  it('accepts the permissions of a worker on the WaitGroup of the environment', async () => {
    // A create has no name yet, so that this allows none: only the delete.
    const rules = [
      ...workerRules('batch'),
      { apiGroups: ['konductor.io'], resources: ['waitgroups'], resourceNames: ['batch'], verbs: ['create', 'delete'] },
    ];
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace: 'default', rules });
    const { code, outcomes, check } = await doctor([], { kubeconfig, env: { KONDUCTOR_WAITGROUP: 'batch' } });
    expect(code).toBe(0);
    expect(outcomes).toMatchObject({ read: 'ok', count: 'ok', manage: 'warning' });
    expect(check('manage')?.message).toMatch(
      /^cannot create waitgroups; .*, which only create, delete and release need$/,
    );
    expect(await doctor(['other'], { kubeconfig })).toMatchObject({ code: 4 });
  });

  it('accepts in a pod the permissions of a worker with an identity, and else advises them', async () => {
    await createPod('worker-1');
    const options = { namespace: 'default', serviceAccount: 'pod-worker', boundPod: 'worker-1' };
    const kubeconfig = await serviceAccountKubeconfig(controlPlane, options);
    const denied = await doctor(['batch'], { kubeconfig });
    expect(denied).toMatchObject({ code: 4, outcomes: { read: 'failure', count: 'warning', report: 'failure' } });
    await paste(controlPlane, commandOf(denied.check('read')));
    const outcomes = { read: 'ok', count: 'warning', report: 'ok', manage: 'warning' };
    await eventually('the permissions', async () => {
      expect(await doctor(['batch'], { kubeconfig })).toMatchObject({ code: 0, outcomes });
      return true;
    });
  });

  it('exits with 5 when the API server is unavailable, with 4 when it rejects the credentials', async () => {
    const away = await doctor([], { kubeconfig: await kubeconfigOfNobody(controlPlane) });
    expect(away).toMatchObject({ code: 5, outcomes: { 'API server': 'failure' } });
    expect(away.check('API server')).toMatchObject({
      message: expect.stringContaining('ECONNREFUSED'),
      advice: expect.stringMatching(/^check the address in the kubeconfig/),
    });
    const kubeconfig = await changedKubeconfig(controlPlane, ({ users }) => {
      for (const one of users) one.user = { token: 'nonsense' };
    });
    expect(await doctor([], { kubeconfig })).toMatchObject({ code: 4, outcomes: { 'API server': 'failure' } });
  });

  it('distinguishes an older CRD from a different one', async () => {
    await setReadyReplicas(1);
    await patchSchema([{ op: 'add', path: '/properties/spec/properties/later', value: { type: 'string' } }]);
    const different = await untilCrdIs('warning');
    expect(different.code).toBe(0);
    expect(different.check('CRD')?.message).toMatch(/it differs at spec.later$/);
    await patchSchema([
      { op: 'remove', path: '/properties/spec/properties/later' },
      { op: 'remove', path: '/properties/status/properties/recentOperations' },
    ]);
    const older = await untilCrdIs('failure');
    expect(older).toMatchObject({ code: 1 });
    expect(older.check('CRD')?.message).toMatch(/it lacks status.recentOperations$/);
  });
});

const DONE = { type: 'Done', status: 'True', reason: 'Completed', message: 'All work is done.' };

const wg = (...args: string[]) => koncli(['wg', ...args], controlPlane);

async function patch(name: string, status: object): Promise<void> {
  const change = JSON.stringify({ status });
  await kubectlOutput(controlPlane, ['patch', 'wg', name, '--subresource=status', '--type=merge', '-p', change]);
}

const OPERATOR_NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'konductor-system' } };
const labels = { app: 'konductor-operator' };
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'konductor-operator', namespace: 'konductor-system' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'operator', image: 'none' }] } },
  },
};

async function createPod(name: string): Promise<void> {
  const spec = { serviceAccountName: 'pod-worker', containers: [{ name: 'work', image: 'none' }] };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec }));
}

/** No other client writes it: the control plane has no controllers. */
async function setReadyReplicas(readyReplicas: number): Promise<void> {
  const status = JSON.stringify({ status: { replicas: 1, readyReplicas } });
  const patch = ['patch', 'deployment', 'konductor-operator', '-n', 'konductor-system', '--subresource=status'];
  await kubectlOutput(controlPlane, [...patch, '--type=merge', '-p', status]);
}

async function patchSchema(changes: readonly { op: string; path: string; value?: unknown }[]): Promise<void> {
  const patches = changes.map((change) => ({
    ...change,
    path: `/spec/versions/0/schema/openAPIV3Schema${change.path}`,
  }));
  await kubectlOutput(controlPlane, [
    'patch',
    'crd',
    'waitgroups.konductor.io',
    '--type=json',
    '-p',
    JSON.stringify(patches),
  ]);
}

/** What is served follows the CRD in a moment. */
function untilCrdIs(outcome: string) {
  return eventually(`a CRD that is a ${outcome}`, async () => {
    const found = await doctor();
    return found.outcomes.CRD === outcome && found;
  });
}
