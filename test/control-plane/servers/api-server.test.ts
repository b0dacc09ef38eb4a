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

it('names the Pod that a token is bound to', async () => {
  const namespace = await createNamespace(controlPlane, 'bound');
  const spec = { serviceAccountName: 'worker', containers: [{ name: 'main', image: 'busybox' }] };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'worker-1' }, spec });
  await kubectlOutput(controlPlane, ['create', '-n', namespace, '-f', '-'], { input });
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

it('counts requests, by verb and resource', async () => {
  const namespace = await createNamespace(controlPlane, 'metrics');
  const leases = { verb: 'DELETE', group: 'coordination.k8s.io', resource: 'leases', code: '404' };
  const before = await apiServerRequestTotal(controlPlane, leases);
  const otherBefore = await apiServerRequestTotal(controlPlane, { ...leases, resource: 'configmaps' });
  for (let i = 0; i < 3; i++) await kubectl(controlPlane, ['delete', 'lease', 'absent', '-n', namespace]);
  expect(await apiServerRequestTotal(controlPlane, leases)).toBe(before + 3);
  expect(await apiServerRequestTotal(controlPlane, { ...leases, resource: 'configmaps' })).toBe(otherBefore);
});
