import { delimiter } from 'node:path';
import { type Connection, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { plainConnection } from '../../client/src/plain-kubeconfig.ts';
import { kubeconfig } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const CERTIFICATE = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };

async function contentOf(connection: Connection | undefined) {
  return connection && { ...connection, credentials: await connection.credentials(), renew: undefined };
}

describe('plainConnection', () => {
  it.each([
    ['a certificate', { user: CERTIFICATE, cluster: { 'certificate-authority-data': base64('ca') } }],
    ['a token', { user: { token: 'secret' }, namespace: 'jobs' }],
    ['both', { user: { ...CERTIFICATE, token: 'secret' }, cluster: { 'tls-server-name': 'kubernetes' } }],
    ['a path of its server', { user: { token: 'secret' }, server: 'https://one:6443/k8s/clusters/c-1/' }],
    ['no verification', { user: { token: 'secret' }, cluster: { 'insecure-skip-tls-verify': true } }],
    ['verification', { user: { token: 'secret' }, cluster: { 'insecure-skip-tls-verify': false } }],
    ['extensions', { user: { token: 'secret' }, cluster: { extensions: [{ name: 'minikube.sigs.k8s.io' }] } }],
  ])('makes of a kubeconfig with %s what the library makes of it', async (_, fields) => {
    const path = temporaryDirectory().write('config', kubeconfig({ name: 'one', ...fields }));
    // Several files are for the library, also when all but one are missing.
    const byLibrary = await kubeconfigConnection({ path: [path, '/nowhere'].join(delimiter) });
    const plain = await contentOf(plainConnection({ path }));
    expect(plain).toEqual({ ...(await contentOf(byLibrary)), server: plain?.server });
    expect(plain?.server.href.replace(/\/$/, '')).toBe(byLibrary.server.href.replace(/\/$/, ''));
  });

  it.each([
    ['an exec plugin', { user: { exec: { command: 'login' } } }],
    ['a plugin beside a token', { user: { token: 'secret', exec: { command: 'login' } } }],
    ['a file', { user: { tokenFile: 'token' } }],
    ['somebody to impersonate', { user: { token: 'secret', as: 'ada' } }],
    ['no credentials', { user: {} }],
    ['a proxy', { user: { token: 'secret' }, cluster: { 'proxy-url': 'http://127.0.0.1:3128' } }],
    ['a file with the authority', { user: { token: 'secret' }, cluster: { 'certificate-authority': 'ca' } }],
    ['a server without TLS', { user: { token: 'secret' }, server: 'http://127.0.0.1:8001' }],
    ['a server that is none', { user: { token: 'secret' }, server: 'https://' }],
    ['no current context', { user: { token: 'secret' }, current: '' }],
    ['an unknown context', { user: { token: 'secret' }, current: 'two' }],
  ])('leaves one with %s to the library', (_, fields) => {
    const path = temporaryDirectory().write('config', kubeconfig({ name: 'one', ...fields }));
    expect(plainConnection({ path })).toBeUndefined();
  });

  it.each([['{'], [''], ['- a list'], ['contexts: none']])('leaves a file with %j to the library', (content) => {
    expect(plainConnection({ path: temporaryDirectory().write('config', content) })).toBeUndefined();
  });

  it('takes the token that has taken the place of a refused one', async () => {
    const { write } = temporaryDirectory();
    const of = (token: string) => write('config', kubeconfig({ name: 'one', user: { token } }));
    const connection = plainConnection({ path: of('first') });
    of('second');
    expect((await connection?.credentials())?.headers).toEqual({ authorization: 'Bearer first' });
    connection?.renew();
    expect((await connection?.credentials())?.headers).toEqual({ authorization: 'Bearer second' });
  });
});
