import { mkdirSync } from 'node:fs';
import { type ConnectOptions, connect } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { kubeconfig } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A machine that has a kubeconfig in every place where one is looked for, and is a pod besides. */
function everything() {
  const directory = temporaryDirectory();
  for (const name of ['.kube', 'pod']) mkdirSync(`${directory.path}/${name}`);
  for (const [name, content] of Object.entries({ token: 't', 'ca.crt': 'ca' })) directory.write(`pod/${name}`, content);
  directory.write('.kube/config', kubeconfig({ name: 'home' }));
  return {
    kubeconfig: directory.write('flag', kubeconfig({ name: 'flag' })),
    serviceAccountDirectory: `${directory.path}/pod`,
    env: {
      KUBECONFIG: directory.write('env', kubeconfig({ name: 'environment' })),
      HOME: directory.path,
      KUBERNETES_SERVICE_HOST: 'pod',
    },
  } satisfies ConnectOptions;
}

const hostOf = async (options: ConnectOptions) => (await connect(options)).server.hostname;

describe('connect', () => {
  it('looks where kubectl looks, in the same order', async () => {
    const { kubeconfig: flag, env, ...rest } = everything();
    const { KUBECONFIG, HOME, KUBERNETES_SERVICE_HOST } = env;
    const noHome = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST };
    expect(await hostOf({ ...rest, env, kubeconfig: flag })).toBe('flag');
    expect(await hostOf({ ...rest, env: { ...noHome, KUBECONFIG } })).toBe('environment');
    expect(await hostOf({ ...rest, env: { ...noHome, KUBECONFIG: '', HOME } })).toBe('home');
    expect(await hostOf({ ...rest, env: noHome })).toBe('pod');
  });

  it('does not look further when the file that is named is missing', async () => {
    const options = everything();
    await expect(connect({ ...options, kubeconfig: '/nowhere/config' })).rejects.toThrow(
      '/nowhere/config does not exist',
    );
    const env = { ...options.env, KUBECONFIG: '/nowhere/config' };
    await expect(connect({ env })).rejects.toThrow('/nowhere/config does not exist');
  });

  it('suggests what to do in a pod without a token', async () => {
    const env = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    await expect(connect({ env, serviceAccountDirectory: '/nowhere' })).rejects.toMatchObject({
      name: 'ConnectionError',
      message:
        'this pod has no ServiceAccount token: set automountServiceAccountToken: true in its spec, or KUBECONFIG',
    });
  });

  it('suggests what to do when there is no way to a cluster', async () => {
    await expect(connect({ env: { HOME: '/nowhere' }, serviceAccountDirectory: '/nowhere' })).rejects.toMatchObject({
      name: 'ConnectionError',
      message: 'no cluster found: set KUBECONFIG or --kubeconfig, or run in a pod with a ServiceAccount token',
    });
  });
});
