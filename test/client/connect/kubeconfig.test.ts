import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ConnectionError, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import { kubeconfig, NO_AUTHORITIES } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ONE = kubeconfig({ name: 'one' });
const write = (content: string | Buffer) => temporaryDirectory().write('config', content);

/** The connection of the current context, or of another, with the token of its user. */
async function connect(paths: readonly string[], context?: string) {
  const connection = await kubeconfigConnection({ path: paths.join(delimiter), ...(context && { context }) });
  const { server, namespace } = connection;
  return { href: server.href, namespace, token: (await connection.credentials()).headers.authorization };
}

describe('kubeconfigConnection', () => {
  it.each<[string, string, object]>([
    ['the namespace', kubeconfig({ name: 'one', namespace: 'jobs' }), { namespace: 'jobs' }],
    ['the token', kubeconfig({ name: 'one', user: { token: 't' } }), { token: 'Bearer t' }],
    ['the server, and "default" without a namespace', ONE, {}],
    ['a user without anything', ONE.replace('"user":{}', '"user":null'), {}],
    ['a scheme in capitals', ONE.replace('https:', 'HTTPS:'), {}],
    ['a broken entry that is not used', ONE.replace('"clusters":[', '"clusters":[{"name":"old"},'), {}],
    ['the first of several documents', `${ONE}\n---\n`, {}],
    ['neither kind nor version', ONE.replace('"apiVersion":"v1","kind":"Config"', '"kind":null'), {}],
    [
      'an entry that is defined twice but not used',
      ONE.replace('"users":[', `"users":[${'{"name":"two"},'.repeat(2)}`),
      {},
    ],
    ['a namespace of nothing', ONE.replace('"user":"one"', '"user":"one","namespace":null'), {}],
  ])('takes from the current context, as kubectl does: %s', async (_, content, expected) => {
    expect(await connect([write(content)])).toEqual({ href: 'https://one:6443/', namespace: 'default', ...expected });
  });

  it('takes the context that is asked for', async () => {
    const paths = [write(ONE), write(kubeconfig({ name: 'two' }))];
    expect(await connect(paths, 'two')).toMatchObject({ href: 'https://two:6443/' });
  });

  it('knows the pod that its token is bound to', async () => {
    const pod = { name: 'batch-2-x7k4q', uid: 'uid-1' };
    const claims = Buffer.from(JSON.stringify({ 'kubernetes.io': { pod } })).toString('base64url');
    const open = (token: string) => kubeconfigConnection({ path: write(kubeconfig({ name: 'one', user: { token } })) });
    expect((await open(`e30.${claims}.x`)).pod).toEqual(pod);
    expect((await open('t')).pod).toBeUndefined();
  });

  it('merges several files, and the first one to set a value wins', async () => {
    const first = kubeconfig({ name: 'one', current: '', user: { token: 'of-a' } });
    const second = kubeconfig({ name: 'one', server: 'https://other:1', user: { token: 'of-b' } });
    const paths = [first, second, kubeconfig({ name: 'two' })].map(write);
    expect(await connect(paths)).toMatchObject({ href: 'https://one:6443/', token: 'Bearer of-a' });
  });

  it('takes a server without TLS, as kubectl proxy is one', async () => {
    const content = kubeconfig({ name: 'one', server: 'http://127.0.0.1:8001', user: { token: 't' } });
    expect(await connect([write(content)])).toMatchObject({ token: 'Bearer t' });
  });

  it.each([
    ['UTF-8', [0xef, 0xbb, 0xbf], (text: string) => Buffer.from(text)],
    ['UTF-16, as PowerShell writes it', [0xff, 0xfe], (text: string) => Buffer.from(text, 'utf16le')],
    ['UTF-16, big-endian', [0xfe, 0xff], (text: string) => Buffer.from(text, 'utf16le').swap16()],
  ])('takes one in %s with a byte order mark, as kubectl does', async (_, mark, encode) => {
    const content = encode(kubeconfig({ name: 'one', namespace: 'jobs' }));
    expect(await connect([write(Buffer.concat([Buffer.from(mark), content]))])).toMatchObject({ namespace: 'jobs' });
  });

  it('reads a file once that the list names twice, as kubectl does', async () => {
    const path = write(ONE);
    expect(await connect([path, '', path])).toMatchObject({ href: 'https://one:6443/' });
  });

  it('skips files of a list that do not exist, as kubectl does', async () => {
    expect(await connect(['/nowhere/config', '', write(ONE)])).toMatchObject({ href: 'https://one:6443/' });
  });
});

describe('kubeconfigConnection, when the kubeconfig is of no use', () => {
  const without = (list: 'users' | 'clusters') => ONE.replace(new RegExp(`"${list}":\\[.*?\\]`), `"${list}":null`);
  const renamed = (kind: 'user' | 'cluster') => ONE.replace(`"name":"one","${kind}"`, `"name":"x","${kind}"`);
  const messageFor = async (content: string, context?: string) => {
    const path = write(content);
    const failure = await connect([path], context).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    return (failure as Error).message.replaceAll(path, 'FILE');
  };

  it.each([
    ['/nowhere/config', 'does not exist: check --kubeconfig or KUBECONFIG'],
    ['/etc/passwd/config', 'does not exist, because a part of its path is not a directory'],
    ['/etc', 'is a directory'],
    ['/dev/zero', 'has more than 10 MiB'],
  ])('reports what the path is: %s', async (path, problem) => {
    await expect(connect([path])).rejects.toThrow(new ConnectionError(`kubeconfig ${path} ${problem}`));
  });

  const withServer = (server: string) => kubeconfig({ name: 'one', server });
  const withProvider = (name: string) => kubeconfig({ name: 'one', user: { 'auth-provider': { name } } });
  const numbered = kubeconfig({ name: 'one', namespace: '123', user: { token: 't' } }).replace('"123"', '123');
  const invalidNamespace = ': namespace of context "one" is "../x", which is not a valid namespace';
  const notSupported = (name: string, plugin: string) =>
    `: auth-provider of user "one" is ${name}, which is not supported: use the exec plugin ${plugin}`;
  const notConfig = 'not Config of v1: is it a kubeconfig?';
  const twice = (kind: 'cluster' | 'user' | 'context') => {
    const config = JSON.parse(ONE);
    config[`${kind}s`].push({ name: 'one', [kind]: {} });
    return JSON.stringify(config);
  };
  it.each([
    ['another context', ONE, 'three', ' has no context "three": choose one of one'],
    [
      'no current context',
      kubeconfig({ name: 'one', current: '' }),
      '',
      ' names no current context: choose one of one with --context',
    ],
    ['no contexts', '{}', '', ' has no contexts: is it a kubeconfig?'],
    ['no contexts, not even the one requested', '{}', 'three', ' has no contexts: is it a kubeconfig?'],
    ['another kind of file', 'root:x:0:0:root:/root:/bin/bash', '', ' has no contexts: is it a kubeconfig?'],
    [
      'a missing cluster',
      renamed('cluster'),
      '',
      ': cluster of context "one" is "one", which is not defined with a server',
    ],
    [
      'a wrong server',
      withServer('10.0.0.1:6443'),
      '',
      ': server of cluster "one" is not a URL: write it like https://api.example:6443',
    ],
    [
      'an auth provider',
      withProvider('oidc'),
      '',
      notSupported('oidc', 'kubelogin (https://github.com/int128/kubelogin)'),
    ],
    [
      'one of a cloud',
      withProvider('azure'),
      '',
      notSupported('azure', 'kubelogin (https://github.com/Azure/kubelogin)'),
    ],
    ['an unknown one', withProvider('mine'), '', notSupported('mine', 'of your provider')],
    ['a cluster that is defined twice', twice('cluster'), '', ': cluster "one" is defined twice: rename or remove one'],
    ['a user that is defined twice', twice('user'), '', ': user "one" is defined twice: rename or remove one'],
    ['a context that is defined twice', twice('context'), '', ': context "one" is defined twice: rename or remove one'],
    ['another kind', ONE.replace('Config', 'Pod'), '', ` contains the kind Pod of v1, ${notConfig}`],
    ['another version', ONE.replace('v1', 'v2'), '', ` contains the kind Config of v2, ${notConfig}`],
    ['a mistake of YAML', 'a: b: c\n', '', ' is not valid YAML: check line 1, column 4'],
    ['a mistake in a later line', 'a: 1\nb: "x\n', '', ' is not valid YAML: check line 3, column 1'],
    ['a namespace', kubeconfig({ name: 'one', namespace: '../x' }), '', invalidNamespace],
    ['a number', numbered, '', ': namespace of context "one" is not a string: put it in quotes'],
  ])('reports %s and what to do', async (_, content, context, says) => {
    expect(await messageFor(content, context)).toBe(`kubeconfig FILE${says}`);
  });

  it.each([
    ['is no YAML', 'a: b: c\n  - {'],
    ['is empty', ''],
    ['names a user that it does not define', renamed('user')],
    ['names a server that is no URL', withServer('one:port')],
    ['is null', 'null'],
    ['has no users', without('users')],
    ['has no clusters', without('clusters')],
  ])('reports in one line that it %s', async (_, content) => {
    expect(await messageFor(content)).toMatch(/^kubeconfig FILE(?!.*(null is not|undefined)).*$/);
  });
});

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
  - name: two
    cluster: {<<: *cluster, server: https://two}
users:
  - name: me
    user:
      token: >-
        secret
`;

it('a kubeconfig means the same on Bun, which has a YAML parser of its own', () => {
  const files = [
    kubeconfig({ name: 'one', user: { token: '0123' }, namespace: 'jobs' }),
    // As people and tools write it by hand.
    BY_HAND,
    BY_HAND.replace('token: >-', 'token: |-'),
    BY_HAND.replace('cluster: one', 'cluster: two'),
    BY_HAND.replace('kind: Config', 'kind: Config\nkind: Config'),
    BY_HAND.replace('namespace: "on"', 'namespace: 0123'),
    BY_HAND.replace('- name: one', '- name: one: two'),
    '{',
    '',
    '- a list',
    'contexts: none',
  ];
  const paths = files.map(write);
  const script = join(import.meta.dirname, 'bun-kubeconfig-script.ts');
  const readOn = (runtime: string) =>
    execFileSync(runtime, ['--conditions=konductor-source', script, ...paths], {
      encoding: 'utf8',
      env: { ...process.env, ...NO_AUTHORITIES },
    })
      .trim()
      .split('\n');
  const onBun = readOn(join(root, 'node_modules/.bin/bun'));
  expect(onBun).toEqual(readOn(process.execPath));
  expect(onBun.filter((line) => line.startsWith('{'))).toHaveLength(5);
  expect(onBun[6]).toContain('check line 8, column 11');
});
