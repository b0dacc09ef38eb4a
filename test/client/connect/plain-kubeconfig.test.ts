import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { type Connection, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { plainConnection } from '../../../client/src/connect/plain-kubeconfig.ts';
import { root } from '../../../scripts/root.ts';
import { kubeconfig } from '../kubeconfig-builder.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const CERTIFICATE = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };

async function contentOf(connection: Connection | undefined) {
  return connection && { ...connection, credentials: await connection.credentials(), renew: undefined };
}

const BY_HAND = `# mine
apiVersion: v1
kind: Config
current-context: 'one'
contexts:
- {name: one, context: {cluster: one, user: me, namespace: "on"}}
clusters:
  - name: one
    cluster: &cluster
      server: "https://one:6443"   # over there
users:
  - name: me
    user:
      token: >-
        secret
`;

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
    const plain = await contentOf(await plainConnection({ path }));
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
  ])('leaves one with %s to the library', async (_, fields) => {
    const path = temporaryDirectory().write('config', kubeconfig({ name: 'one', ...fields }));
    expect(await plainConnection({ path })).toBeUndefined();
  });

  it.each([['{'], [''], ['- a list'], ['contexts: none']])('leaves a file with %j to the library', async (content) => {
    expect(await plainConnection({ path: temporaryDirectory().write('config', content) })).toBeUndefined();
  });

  it('takes the token that has taken the place of a refused one', async () => {
    const { write } = temporaryDirectory();
    const of = (token: string) => write('config', kubeconfig({ name: 'one', user: { token } }));
    const connection = await plainConnection({ path: of('first') });
    of('second');
    expect((await connection?.credentials())?.headers).toEqual({ authorization: 'Bearer first' });
    connection?.renew();
    expect((await connection?.credentials())?.headers).toEqual({ authorization: 'Bearer second' });
  });

  it('makes the same of one on Bun, whose YAML parser is another', async () => {
    const { write } = temporaryDirectory();
    const files = [
      kubeconfig({
        name: 'one',
        user: { ...CERTIFICATE, token: 'secret' },
        cluster: { 'tls-server-name': 'kubernetes' },
      }),
      kubeconfig({ name: 'one', user: { token: '0123' }, namespace: 'größe' }),
      kubeconfig({ name: 'one', user: { exec: { command: 'login' } } }),
      // As people and tools write it by hand.
      BY_HAND,
      BY_HAND.replace('token: >-', 'token: |-'),
      BY_HAND.replace('namespace: "on"', 'namespace: 0123'),
      '{',
      '',
      '- a list',
      'contexts: none',
    ];
    const paths = files.map((text, index) => write(`${index}`, text));
    const onNode = await Promise.all(paths.map(async (path) => contentOf(await plainConnection({ path }))));
    const bun = join(root, 'node_modules/.bin/bun');
    const script = join(import.meta.dirname, 'bun-kubeconfig-script.ts');
    const printed = execFileSync(bun, ['--conditions=konductor-source', script, ...paths], { encoding: 'utf8' });
    const onBun = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(onBun).toEqual(onNode.map((content) => JSON.parse(JSON.stringify(content ?? null))));
    expect(onBun.filter(Boolean).length).toBeGreaterThanOrEqual(4);
  });
});
