import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Connection, ConnectionError, inClusterConnection, isInCluster } from '@konductor/client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';

const ENV = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };

/** The folder that a kubelet mounts into a pod. */
function mountServiceAccount(files: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory();
  const all = { token: 'first\n', 'ca.crt': 'the CA', namespace: 'jobs\n', ...files };
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
      tls: { ca: 'the CA', allowPartialTrustChain: true },
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

  it('acts in "default" when the folder names no namespace', () => {
    const { options, path } = mountServiceAccount();
    rmSync(join(path, 'namespace'));
    expect(inClusterConnection(options).namespace).toBe('default');
  });

  const material = async ({ credentials }: Connection) => {
    const { headers, tls } = await credentials();
    return [headers.authorization, tls.ca];
  };
  const rotate = ({ write }: ReturnType<typeof mountServiceAccount>) => {
    write('token', 'second');
    write('ca.crt', 'another CA');
  };

  it('reads token and CA again as they rotate, but not for every request', async () => {
    vi.useFakeTimers();
    const mount = mountServiceAccount();
    const connection = inClusterConnection(mount.options);
    expect(await material(connection)).toEqual(['Bearer first', 'the CA']);
    rotate(mount);
    vi.advanceTimersByTime(9_000);
    expect(await material(connection)).toEqual(['Bearer first', 'the CA']);
    vi.advanceTimersByTime(2_000);
    expect(await material(connection)).toEqual(['Bearer second', 'another CA']);
  });

  it('reads token and CA again at once when the token was rejected or the server was not trusted', async () => {
    const mount = mountServiceAccount();
    const connection = inClusterConnection(mount.options);
    await connection.credentials();
    rotate(mount);
    connection.renew();
    expect(await material(connection)).toEqual(['Bearer second', 'another CA']);
  });

  it.each(['token', 'ca.crt'])('keeps what it read while there is no %s', async (missing) => {
    const mount = mountServiceAccount();
    const connection = inClusterConnection(mount.options);
    await connection.credentials();
    rmSync(join(mount.path, missing));
    connection.renew();
    expect(await material(connection)).toEqual(['Bearer first', 'the CA']);
    rotate(mount);
    expect(await material(connection)).toEqual(['Bearer second', 'another CA']);
  });

  it.each(['token', 'ca.crt'])('reports in one line what to do when there is no %s', async (missing) => {
    const { options, path } = mountServiceAccount();
    rmSync(join(path, missing));
    const connecting = (async () => inClusterConnection(options).credentials())();
    await expect(connecting).rejects.toBeInstanceOf(ConnectionError);
    await expect(connecting).rejects.toThrow(/^cannot read \S+: give the pod a ServiceAccount token.*$/);
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
