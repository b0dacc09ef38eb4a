import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectionError, inClusterConnection, isInCluster } from '@konductor/client';
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

  it('acts in "default" when the folder names no namespace', () => {
    const { options, path } = mountServiceAccount();
    rmSync(join(path, 'namespace'));
    expect(inClusterConnection(options).namespace).toBe('default');
  });

  it('reads the token again as it rotates, but not for every request', async () => {
    vi.useFakeTimers();
    const { options, write } = mountServiceAccount();
    const connection = inClusterConnection(options);
    const token = async () => (await connection.credentials()).headers.authorization;
    expect(await token()).toBe('Bearer first');
    write('token', 'second');
    vi.advanceTimersByTime(9_000);
    expect(await token()).toBe('Bearer first');
    vi.advanceTimersByTime(2_000);
    expect(await token()).toBe('Bearer second');
  });

  it('reads the token again at once when it was rejected', async () => {
    const { options, write } = mountServiceAccount();
    const connection = inClusterConnection(options);
    await connection.credentials();
    write('token', 'second');
    connection.renew();
    expect((await connection.credentials()).headers.authorization).toBe('Bearer second');
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
