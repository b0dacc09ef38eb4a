import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, ConnectionError, inClusterConnection, isInCluster } from '@konductor/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { certificate } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const [CA, OTHER_CA] = ['one', 'other'].map(certificate) as [string, string];
const ENV = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

/** The folder that a kubelet mounts into a pod. */
function mountServiceAccount(files: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory();
  const all = { token: 'first\n', 'ca.crt': CA, namespace: 'jobs\n', ...files };
  for (const [name, content] of Object.entries(all)) directory.write(name, content);
  return { ...directory, options: { env: ENV, serviceAccountDirectory: directory.path } };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('inClusterConnection', () => {
  it('reads the address from the environment, and the rest from the folder', async () => {
    const { options } = mountServiceAccount();
    const connection = inClusterConnection(options);
    expect(connection.server.href).toBe('https://10.0.0.1:6443/');
    expect(connection.namespace).toBe('jobs');
    expect(await connection.credentials()).toEqual({
      headers: { authorization: 'Bearer first' },
      tls: { ca: CA, allowPartialTrustChain: true },
    });
  });

  it.each([
    [{ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }, 'https://[fd00::1]:6443/'],
    [{ KUBERNETES_SERVICE_HOST: 'kubernetes' }, 'https://kubernetes/'],
  ])('builds a URL from %o', (env, url) => {
    const { options } = mountServiceAccount();
    expect(inClusterConnection({ ...options, env }).server.href).toBe(url);
  });

  it('impersonates what the caller asks for', async () => {
    const { options } = mountServiceAccount();
    const { credentials } = inClusterConnection({ ...options, impersonate: { user: 'ada', groups: ['one'] } });
    expect((await credentials()).headers).toEqual({
      authorization: 'Bearer first',
      'impersonate-user': 'ada',
      'impersonate-group': ['one'],
    });
    const unnamed = { ...options, impersonate: { groups: ['one'] } };
    expect(() => inClusterConnection(unnamed)).toThrow(/^requesting .* without impersonating a user: .*--as$/);
  });

  const tokenOf = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
  it.each([
    ['of its account', tokenOf({ sub: 'system:serviceaccount:jobs-2:worker' }), 'jobs-2'],
    ['"default" for another kind of account', tokenOf({ sub: 'ada' }), 'default'],
    ['"default" for an opaque token', 'opaque', 'default'],
  ])('acts in the namespace %s when the folder names none', (_, token, expected) => {
    const { options, path } = mountServiceAccount({ token });
    rmSync(join(path, 'namespace'));
    expect(inClusterConnection(options).namespace).toBe(expected);
  });

  it('knows its pod by a token that is bound to one', () => {
    const pod = { name: 'batch-2-x7k4q', uid: 'uid-1' };
    const inPod = mountServiceAccount({ token: tokenOf({ 'kubernetes.io': { pod } }) });
    expect(inClusterConnection(inPod.options).pod).toEqual(pod);
    expect(inClusterConnection(mountServiceAccount().options).pod).toBeUndefined();
  });

  const material = async ({ credentials }: Connection) => {
    const { headers, tls } = await credentials();
    return [headers.authorization, tls.ca];
  };
  const rotate = ({ write }: ReturnType<typeof mountServiceAccount>) => {
    write('token', 'second');
    write('ca.crt', OTHER_CA);
  };

  it('reads token and CA again as they rotate, but not for every request', async () => {
    vi.useFakeTimers();
    const mount = mountServiceAccount();
    const connection = inClusterConnection(mount.options);
    expect(await material(connection)).toEqual(['Bearer first', CA]);
    rotate(mount);
    vi.advanceTimersByTime(9_000);
    expect(await material(connection)).toEqual(['Bearer first', CA]);
    vi.advanceTimersByTime(2_000);
    expect(await material(connection)).toEqual(['Bearer second', OTHER_CA]);
  });

  it('reads token and CA again at once when the token was rejected or the server was not trusted', async () => {
    const mount = mountServiceAccount();
    const connection = inClusterConnection(mount.options);
    await connection.credentials();
    rotate(mount);
    connection.renew();
    expect(await material(connection)).toEqual(['Bearer second', OTHER_CA]);
  });

  it.each(['token', 'ca.crt'])('keeps what it read while there is no %s', async (missing) => {
    const mount = mountServiceAccount();
    const connection = inClusterConnection(mount.options);
    await connection.credentials();
    rmSync(join(mount.path, missing));
    connection.renew();
    expect(await material(connection)).toEqual(['Bearer first', CA]);
    rotate(mount);
    expect(await material(connection)).toEqual(['Bearer second', OTHER_CA]);
  });

  it.each(['token', 'ca.crt'])('reports in one line what to do when there is no %s', async (missing) => {
    const { options, path } = mountServiceAccount();
    rmSync(join(path, missing));
    const connecting = (async () => inClusterConnection(options).credentials())();
    await expect(connecting).rejects.toBeInstanceOf(ConnectionError);
    await expect(connecting).rejects.toThrow(/^cannot read \S+: give the pod a ServiceAccount token.*$/);
  });

  it('reports a CA that is malformed, and keeps the last one when it becomes so', async () => {
    const { options, path, write } = mountServiceAccount({ 'ca.crt': '' });
    const connection = inClusterConnection(options);
    await expect(connection.credentials()).rejects.toThrow(`${path}/ca.crt contains no certificate in PEM format`);
    write('ca.crt', CA);
    await connection.credentials();
    write('ca.crt', CA.slice(0, 20));
    connection.renew();
    expect(await material(connection)).toEqual(['Bearer first', CA]);
  });
});

describe('isInCluster', () => {
  it('needs both the address and the token', () => {
    const { options } = mountServiceAccount();
    expect(isInCluster(options)).toBe(true);
    expect(isInCluster({ ...options, env: {} })).toBe(false);
    expect(isInCluster({ ...options, serviceAccountDirectory: '/nowhere' })).toBe(false);
  });
});
