import { delimiter } from 'node:path';
import { ConnectionError, kubeconfigConnection } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { kubeconfig } from '../kubeconfig-builder.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

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

  it('joins several files, of which the first to say something wins', async () => {
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

  it('passes over files of a list that are not there, as kubectl does', async () => {
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

  it('says that there is no such file', async () => {
    const connecting = kubeconfigConnection({ path: '/nowhere/config' });
    await expect(connecting).rejects.toThrow(
      new ConnectionError('kubeconfig /nowhere/config does not exist: check --kubeconfig or KUBECONFIG'),
    );
  });

  it('says which contexts there are when another is asked for', async () => {
    expect(await messageFor(kubeconfig({ name: 'one' }), 'three')).toBe(
      'kubeconfig FILE has no context "three": choose one of one',
    );
  });

  it('says which contexts there are when none is current', async () => {
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
  ])('says in one line that it %s', async (_, content) => {
    expect(await messageFor(content)).toMatch(/^kubeconfig FILE(?!.*(null is not|undefined)).*$/);
  });

  it('says which cluster it lacks, and what is wrong with a server', async () => {
    const unknown = kubeconfig({ name: 'one' }).replace('"name":"one","cluster"', '"name":"x","cluster"');
    expect(await messageFor(unknown)).toBe(
      'kubeconfig FILE: context "one" names cluster "one", which it does not define with a server',
    );
    expect(await messageFor(kubeconfig({ name: 'one', server: '10.0.0.1:6443' }))).toBe(
      'kubeconfig FILE: the server of cluster "one" is no URL: write it like https://api.example:6443',
    );
  });

  it('does not take another namespace for one that is no text', async () => {
    const content = kubeconfig({ name: 'one', namespace: '123', user: { token: 'secret' } });
    expect(await messageFor(content.replace('"123"', '123'))).toBe(
      'kubeconfig FILE: the namespace of context "one" is no text: write "123"',
    );
  });
});
