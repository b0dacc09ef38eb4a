import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ConnectionError, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import { kubeconfig } from './kubeconfig-builder.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describe('kubeconfigConnection', () => {
  it('takes the server, the namespace and the credentials of the current context', async () => {
    const path = temporaryDirectory().write(
      'config',
      kubeconfig({ name: 'one', namespace: 'jobs', user: { token: 'secret' } }),
    );
    const connection = await kubeconfigConnection({ path });
    expect(connection.server.href).toBe('https://one:6443/');
    expect(connection.namespace).toBe('jobs');
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer secret' });
  });

  it('acts in "default" when the context names no namespace', async () => {
    const path = temporaryDirectory().write('config', kubeconfig({ name: 'one' }));
    expect((await kubeconfigConnection({ path })).namespace).toBe('default');
  });

  it('takes the context that is asked for', async () => {
    const { write } = temporaryDirectory();
    const path = [write('a', kubeconfig({ name: 'one' })), write('b', kubeconfig({ name: 'two' }))].join(delimiter);
    expect((await kubeconfigConnection({ path, context: 'two' })).server.hostname).toBe('two');
  });

  it('merges several files, and the first one to set a value wins', async () => {
    const { write } = temporaryDirectory();
    const first = write('a', kubeconfig({ name: 'one', current: '', user: { token: 'of-a' } }));
    const second = write('b', kubeconfig({ name: 'one', server: 'https://other:1', user: { token: 'of-b' } }));
    const third = write('c', kubeconfig({ name: 'two' }));
    const connection = await kubeconfigConnection({ path: [first, second, third].join(delimiter) });
    expect(connection.server.hostname).toBe('one');
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer of-a' });
  });

  it('takes a server without TLS, as kubectl proxy is one', async () => {
    const content = kubeconfig({ name: 'one', server: 'http://127.0.0.1:8001', user: { token: 'secret' } });
    const connection = await kubeconfigConnection({ path: temporaryDirectory().write('config', content) });
    expect((await connection.credentials()).headers).toEqual({ authorization: 'Bearer secret' });
  });

  it.each([
    ['a user without anything', (text: string) => text.replace('"user":{}', '"user":null')],
    ['a scheme in capitals', (text: string) => text.replace('https:', 'HTTPS:')],
    ['a broken entry that is not used', (text: string) => text.replace('"clusters":[', '"clusters":[{"name":"old"},')],
    ['a namespace of nothing', (text: string) => text.replace('"user":"one"', '"user":"one","namespace":null')],
  ])('takes one with %s, as kubectl does', async (_, change) => {
    const path = temporaryDirectory().write('config', change(kubeconfig({ name: 'one' })));
    const { server, namespace } = await kubeconfigConnection({ path });
    expect([server.href, namespace]).toEqual(['https://one:6443/', 'default']);
  });

  it.each([
    ['UTF-8', 'utf8', [0xef, 0xbb, 0xbf]],
    ['UTF-16, as PowerShell writes it', 'utf16le', [0xff, 0xfe]],
    ['UTF-16, big-endian', 'utf16be', [0xfe, 0xff]],
  ] as const)('takes one in %s with a byte order mark, as kubectl does', async (_, encoding, mark) => {
    const { path, write } = temporaryDirectory();
    const content = kubeconfig({ name: 'one', namespace: 'größe' });
    const bytes = encoding === 'utf16be' ? Buffer.from(content, 'utf16le').swap16() : Buffer.from(content, encoding);
    write('config', Buffer.concat([Buffer.from(mark), bytes]));
    expect(await kubeconfigConnection({ path: join(path, 'config') })).toMatchObject({ namespace: 'größe' });
  });

  it('skips files of a list that do not exist, as kubectl does', async () => {
    const { path, write } = temporaryDirectory();
    const joined = [`${path}/missing`, '', write('a', kubeconfig({ name: 'one' }))].join(delimiter);
    expect((await kubeconfigConnection({ path: joined })).server.hostname).toBe('one');
  });
});

describe('kubeconfigConnection, when the kubeconfig is of no use', () => {
  const messageFor = async (content: string, context?: string) => {
    const path = temporaryDirectory().write('config', content);
    const failure = await kubeconfigConnection({ path, ...(context && { context }) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ConnectionError);
    return (failure as Error).message.replaceAll(path, 'FILE');
  };

  it('reports that the file does not exist', async () => {
    const connecting = kubeconfigConnection({ path: '/nowhere/config' });
    await expect(connecting).rejects.toThrow(
      new ConnectionError('kubeconfig /nowhere/config does not exist: check --kubeconfig or KUBECONFIG'),
    );
  });

  it('lists the contexts when another is requested', async () => {
    expect(await messageFor(kubeconfig({ name: 'one' }), 'three')).toBe(
      'kubeconfig FILE has no context "three": choose one of one',
    );
  });

  it('lists the contexts when none is current', async () => {
    expect(await messageFor(kubeconfig({ name: 'one', current: '' }))).toBe(
      'kubeconfig FILE names no current context: choose one of one with --context',
    );
  });

  it.each([
    ['{}', undefined],
    ['{}', 'three'],
    ['root:x:0:0:root:/root:/bin/bash', undefined],
  ])('doubts that %j is one, which has no contexts, when %s is asked for', async (content, context) => {
    expect(await messageFor(content, context)).toBe('kubeconfig FILE has no contexts: is it a kubeconfig?');
  });

  it.each([
    ['is no YAML', 'a: b: c\n  - {'],
    ['is empty', ''],
    [
      'names a cluster that it does not define',
      kubeconfig({ name: 'one' }).replace('"name":"one","cluster"', '"name":"x","cluster"'),
    ],
    [
      'names a user that it does not define',
      kubeconfig({ name: 'one' }).replace('"name":"one","user":{}', '"name":"x","user":{}'),
    ],
    ['names a server that is no URL', kubeconfig({ name: 'one', server: 'one:port' })],
    ['is null', 'null'],
    ['has no users', kubeconfig({ name: 'one' }).replace(/"users":\[.*?\]/, '"users":null')],
    ['has no clusters', kubeconfig({ name: 'one' }).replace(/"clusters":\[.*?\]/, '"clusters":null')],
  ])('reports in one line that it %s', async (_, content) => {
    expect(await messageFor(content)).toMatch(/^kubeconfig FILE(?!.*(null is not|undefined)).*$/);
  });

  it('reports which cluster is missing, and what is wrong with a server', async () => {
    const unknown = kubeconfig({ name: 'one' }).replace('"name":"one","cluster"', '"name":"x","cluster"');
    expect(await messageFor(unknown)).toBe(
      'kubeconfig FILE: cluster of context "one" is "one", which is not defined with a server',
    );
    expect(await messageFor(kubeconfig({ name: 'one', server: '10.0.0.1:6443' }))).toBe(
      'kubeconfig FILE: server of cluster "one" is not a URL: write it like https://api.example:6443',
    );
  });

  it.each(['oidc', 'gcp'])('rejects an auth provider, %s, and says what to use', async (name) => {
    expect(await messageFor(kubeconfig({ name: 'one', user: { 'auth-provider': { name } } }))).toBe(
      'kubeconfig FILE: auth-provider of user "one" is not supported: use an exec plugin instead, such as kubelogin',
    );
  });

  it('does not take a number for a namespace', async () => {
    const content = kubeconfig({ name: 'one', namespace: '123', user: { token: 'secret' } });
    expect(await messageFor(content.replace('"123"', '123'))).toBe(
      'kubeconfig FILE: namespace of context "one" is not a string: put it in quotes',
    );
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
  const { write } = temporaryDirectory();
  const files = [
    kubeconfig({ name: 'one', user: { token: '0123' }, namespace: 'größe' }),
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
  const paths = files.map((text, index) => write(`${index}`, text));
  const script = join(import.meta.dirname, 'bun-kubeconfig-script.ts');
  const readOn = (runtime: string) =>
    execFileSync(runtime, ['--conditions=konductor-source', script, ...paths], { encoding: 'utf8' })
      .trim()
      .split('\n');
  const onBun = readOn(join(root, 'node_modules/.bin/bun'));
  expect(onBun).toEqual(readOn(process.execPath));
  expect(onBun.filter((line) => line.startsWith('{'))).toHaveLength(5);
  expect(onBun[6]).toContain('at line');
});
