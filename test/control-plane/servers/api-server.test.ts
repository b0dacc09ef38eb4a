import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { expect, inject, it } from 'vitest';
import { apiServerRequestTotal } from '../../support/cluster/api-server-metrics.ts';
import { auditEvents } from '../../support/cluster/audit.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { kubernetes } from '../binaries/versions.ts';

const controlPlane = inject('controlPlane');
const authority = readFileSync(controlPlane.certificateAuthority, 'utf8');

interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

async function whoAmI(kubeconfig?: string): Promise<UserInfo> {
  const command = ['auth', 'whoami'];
  return (await kubectlJson<{ status: { userInfo: UserInfo } }>(controlPlane, command, { kubeconfig })).status.userInfo;
}

function podManifest(name: string, securityContext = {}) {
  const spec = { serviceAccountName: 'worker', containers: [{ name: 'main', image: 'busybox', securityContext }] };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec });
}

/** Without credentials. */
function statusOf(path: string, ca?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(`${controlPlane.server}${path}`, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject).end();
  });
}

it('knows the administrator by a client certificate', async () => {
  const { username, groups } = await whoAmI();
  expect(username).toBe('konductor-admin');
  expect(groups).toContain('system:masters');
});

it('is trusted only by clients that know its authority', async () => {
  await expect(statusOf('/readyz')).rejects.toThrow(/certificate/);
});

it.each([
  ['/readyz', 200],
  ['/livez', 200],
  ['/healthz', 200],
  ['/version', 401],
  ['/api/v1/namespaces', 401],
])('responds to an anonymous request for %s with %i', async (path, status) => {
  await expect(statusOf(path, authority)).resolves.toBe(status);
});

it('reports the version that clients expect', async () => {
  const { serverVersion } = await kubectlJson<{ serverVersion: { gitVersion: string } }>(controlPlane, ['version']);
  const minor = kubernetes.version.split('.').slice(0, 2).join('.');
  expect(serverVersion.gitVersion.startsWith(`${minor}.`)).toBe(true);
});

it('gives a service account no permission that no role gives it', async () => {
  const namespace = await createNamespace(controlPlane, 'rbac');
  const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'worker' });
  expect((await whoAmI(kubeconfig)).username).toBe(`system:serviceaccount:${namespace}:worker`);
  const read = ['get', 'configmaps', '-n', namespace];
  expect(await kubectl(controlPlane, read, { kubeconfig })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('(Forbidden)'),
  });

  const role = ['create', 'role', 'reader', '--verb=list', '--resource=configmaps'];
  const binding = ['create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${namespace}:worker`];
  for (const command of [role, binding]) await kubectlOutput(controlPlane, [...command, '-n', namespace]);
  await eventually('the grant', async () => (await kubectl(controlPlane, read, { kubeconfig })).code === 0);
});

it('names the Pod that a token is bound to', async () => {
  const namespace = await createNamespace(controlPlane, 'bound');
  await kubectlOutput(controlPlane, ['create', '-n', namespace, '-f', '-'], { input: podManifest('worker-1') });
  const token = { namespace, serviceAccount: 'worker', boundPod: 'worker-1' };
  const { extra } = await whoAmI(await serviceAccountKubeconfig(controlPlane, token));
  expect(extra['authentication.kubernetes.io/pod-name']).toEqual(['worker-1']);
});

it('logs the user of each write', async () => {
  const namespace = await createNamespace(controlPlane, 'audit');
  const kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'writer' });
  await kubectl(controlPlane, ['create', 'configmap', 'mine', '-n', namespace], { kubeconfig });
  await kubectlOutput(controlPlane, ['create', 'configmap', 'theirs', '-n', namespace]);

  const written = () => auditEvents(controlPlane, { namespace, resource: 'configmaps', verb: 'create' });
  const events = await eventually('both events', async () => (await written()).length >= 2 && written());
  expect(
    events.map(({ user, objectRef, responseStatus }) => [user.username, objectRef?.name, responseStatus?.code]),
  ).toEqual(
    expect.arrayContaining([
      [`system:serviceaccount:${namespace}:writer`, undefined, 403],
      ['konductor-admin', 'theirs', 201],
    ]),
  );
  expect(events.map(({ stage }) => stage)).not.toContain('RequestReceived');
});

it('logs what was written where a WaitGroup is concerned', async () => {
  const namespace = await createNamespace(controlPlane, 'bodies');
  const kind = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup' };
  const input = JSON.stringify({ ...kind, metadata: { name: 'logged' }, spec: { ttl: '1h' } });
  await kubectlOutput(controlPlane, ['create', '-n', namespace, '-f', '-'], { input });
  const written = () => auditEvents(controlPlane, { namespace, resource: 'waitgroups', verb: 'create' });
  const [event] = await eventually('the event', async () => (await written()).length > 0 && written());
  expect(event).toMatchObject({ requestObject: { spec: { ttl: '1h' } }, responseObject: { spec: { ttl: '1h' } } });
});

it('rejects a Pod that the Pod Security Standard of its namespace forbids', async () => {
  const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = await createNamespace(controlPlane, 'security', restricted);
  const create = (input: string) => kubectl(controlPlane, ['create', '-n', namespace, '-f', '-'], { input });
  expect(await create(podManifest('bad'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('violates PodSecurity "restricted:latest"'),
  });
  const securityContext = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  expect(await create(podManifest('good', securityContext))).toMatchObject({ code: 0 });
});

it('counts requests, by verb and resource', async () => {
  const namespace = await createNamespace(controlPlane, 'metrics');
  const leases = { verb: 'DELETE', group: 'coordination.k8s.io', resource: 'leases', code: '404' };
  const before = await apiServerRequestTotal(controlPlane, leases);
  const otherBefore = await apiServerRequestTotal(controlPlane, { ...leases, resource: 'configmaps' });
  for (let i = 0; i < 3; i++) await kubectl(controlPlane, ['delete', 'lease', 'absent', '-n', namespace]);
  expect(await apiServerRequestTotal(controlPlane, leases)).toBe(before + 3);
  expect(await apiServerRequestTotal(controlPlane, { ...leases, resource: 'configmaps' })).toBe(otherBefore);
});
