import { hostname } from 'node:os';
import type { WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { changedKubeconfig } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'verbs');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const read = (name: string) =>
  kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', name, '-n', namespace, '--show-managed-fields']);
const printed = (...lines: string[]) => ({ code: 0, stdout: lines.map((line) => `${line}\n`).join(''), stderr: '' });
const rows = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

describe('koncli waitgroup create', () => {
  it('creates a WaitGroup with its options', async () => {
    expect(
      await wg(
        'create',
        'batch',
        '--ttl',
        '1h',
        '--deadline',
        '90m',
        '--initial-count',
        '3',
        '--label',
        'a=b',
        '--label',
        'c=',
      ),
    ).toEqual(printed('waitgroup.konductor.io/batch created'));
    const { spec, metadata } = await read('batch');
    expect(spec).toEqual({ ttl: '1h', deadline: '90m', initialCount: 3 });
    expect(metadata).toMatchObject({ labels: { a: 'b', c: '' }, managedFields: [{ manager: 'koncli' }] });
  });

  it('rejects an existing name and an invalid label', async () => {
    await wg('create', 'batch');
    expect(await wg('create', 'batch')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^koncli: .*already exists.*\n$/),
    });
    expect(await wg('create', 'other', '--label', 'a=b c')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^koncli: .*metadata\.labels.*\n$/),
    });
  });

  it.each([
    ['add', 'batch'],
    ['done', 'batch'],
    ['get', 'batch'],
    ['status', 'batch'],
    ['delete', 'batch'],
    ['wait', 'batch', '--timeout', '0'],
    ['wait', '-l', 'a=b', '--timeout', '0'],
    ['run', 'batch', '--', 'true'],
  ])('blames a missing namespace, not the WaitGroup: %s', async (...args) => {
    const [verb = '', ...rest] = args;
    const { code, stderr } = await koncli(['wg', verb, '-n', 'nowhere', ...rest], controlPlane);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^koncli: namespace "nowhere" not found: create it, or select another with -n$/m);
    expect(stderr).not.toContain('waitgroup create');
  });

  it('lists nothing in a namespace that does not exist, and says so', async () => {
    const { code, stderr } = await koncli(['wg', 'list', '-n', 'nowhere'], controlPlane);
    expect([code, stderr]).toEqual([0, 'No waitgroups found in namespace nowhere, which does not exist.\n']);
  });

  it('reports a missing namespace', async () => {
    const { code, stderr } = await koncli(['wg', 'create', 'batch', '-n', 'nowhere'], controlPlane);
    expect([code, stderr]).toEqual([
      2,
      'koncli: namespaces "nowhere" not found: create it, or select another with -n\n',
    ]);
  });
});

describe('koncli waitgroup add and done', () => {
  beforeEach(async () => {
    await wg('create', 'batch');
  });

  it('change the counter and print it', async () => {
    const said = (text: string) => printed(`waitgroup.konductor.io/batch ${text}`);
    expect(await wg('add', 'batch')).toEqual(said('added 1, counter is 1'));
    expect(await wg('add', 'batch', '--delta', '9')).toEqual(said('added 9, counter is 10'));
    expect(await wg('add', 'batch', '--delta', '-3')).toEqual(said('added -3, counter is 7'));
    expect(await wg('add', 'batch', '--delta=0')).toEqual(said('added 0, counter is 7'));
    expect(await wg('done', 'batch')).toEqual(said('done 1, counter is 6'));
    expect(await wg('done', 'batch', '--delta', '6')).toEqual(said('done 6, counter is 0'));
    expect((await read('batch')).status).toMatchObject({ counter: 0, added: 10, completions: 1 });
  });

  it('record the caller', async () => {
    await wg('add', 'batch', '--operation-id', 'mine');
    const { status, metadata } = await read('batch');
    expect(status?.recentOperations).toMatchObject([{ id: 'mine', delta: 1, by: hostname() }]);
    const { managedFields } = metadata as { managedFields?: unknown };
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'koncli', subresource: 'status' }));
  });

  it('print the WaitGroup as -o says', async () => {
    expect(await wg('add', 'batch', '-o', 'name')).toEqual(printed('waitgroup.konductor.io/batch'));
    expect(JSON.parse((await wg('add', 'batch', '-o', 'json')).stdout).status.counter).toBe(2);
    expect(parse((await wg('done', 'batch', '-o', 'yaml')).stdout).status.counter).toBe(1);
  });
});

describe('koncli waitgroup get and list', () => {
  beforeEach(async () => {
    await wg('create', 'batch', '--initial-count', '3', '--ttl', '1h', '--label', 'app=x');
    await wg('create', 'other');
  });

  it('show the same table as kubectl', async () => {
    // Once their statuses are written: until then kubectl has nothing to show.
    for (const name of ['batch', 'other']) await wg('add', name);
    const kubectl = (...args: string[]) => kubectlOutput(controlPlane, ['get', 'waitgroups', '-n', namespace, ...args]);
    const [, ...koncliRows] = rows((await wg('list')).stdout);
    const [, ...kubectlRows] = rows(await kubectl());
    const withoutAge = (row: readonly string[]) => row.slice(0, -1);
    expect(koncliRows.map(withoutAge)).toEqual([
      ['batch', '4', 'Waiting', '4', '1h'],
      ['other', '1', 'Waiting', '1', '<none>'],
    ]);
    expect(koncliRows.map(withoutAge).map((row) => row.filter((cell) => cell !== '<none>'))).toEqual(
      kubectlRows.map(withoutAge),
    );
    expect(rows((await wg('list', '-o', 'wide')).stdout)[0]).toEqual(rows(await kubectl('-o', 'wide'))[0]);
  });

  it('select by name, by label and in all namespaces', async () => {
    const names = (...args: string[]) => wg(...args, '-o', 'name').then(({ stdout }) => stdout.trimEnd().split('\n'));
    expect(await names('get', 'other')).toEqual(['waitgroup.konductor.io/other']);
    expect(await names('list', '-l', 'app=x')).toEqual(['waitgroup.konductor.io/batch']);
    const [header, ...all] = rows((await koncli(['wg', 'list', '-A'], controlPlane)).stdout);
    expect(header?.slice(0, 2)).toEqual(['NAMESPACE', 'NAME']);
    expect(all.map((row) => row.slice(0, 2))).toContainEqual([namespace, 'batch']);
  });

  it('show those that exist and report the missing ones', async () => {
    const { code, stdout, stderr } = await wg('get', 'batch', 'nope', 'other', '-o', 'name');
    expect([code, stdout]).toEqual([2, 'waitgroup.konductor.io/batch\nwaitgroup.konductor.io/other\n']);
    expect(stderr).toMatch(/^koncli: waitgroup "nope" not found in namespace .*\n$/);
  });

  it('print YAML that kubectl applies without a change', async () => {
    await wg('add', 'batch');
    const { stdout: input } = await wg('get', 'batch', '-o', 'yaml');
    const before = await read('batch');
    await kubectlOutput(controlPlane, ['replace', '-f', '-'], { input });
    expect((await read('batch')).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('report an empty list', async () => {
    const empty = await createNamespace(controlPlane, 'empty');
    expect(await koncli(['wg', 'ls', '-n', empty], controlPlane)).toEqual({
      code: 0,
      stdout: '',
      stderr: `No waitgroups found in namespace ${empty}.\n`,
    });
    const { stdout } = await koncli(['wg', 'list', '-n', empty, '-o', 'json'], controlPlane);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'List', items: [] });
  });
});

describe('koncli waitgroup delete', () => {
  it('deletes by name, also as list prints names, and reports missing ones', async () => {
    for (const name of ['a', 'b', 'c']) await wg('create', name);
    const { code, stdout, stderr } = await wg('delete', 'a', 'nope', 'waitgroup.konductor.io/b');
    expect([code, stdout.split('\n').sort()]).toEqual([
      2,
      ['', 'waitgroup.konductor.io/a deleted', 'waitgroup.konductor.io/b deleted'],
    ]);
    expect(stderr).toMatch(/^koncli: waitgroup "nope" not found in .*: to list all, run koncli waitgroup list -n /);
    expect((await wg('list', '-o', 'name')).stdout).toBe('waitgroup.konductor.io/c\n');
    expect(await wg('delete', 'c', '-o', 'name')).toEqual(printed('waitgroup.konductor.io/c'));
  });

  it('rejects an empty name', async () => {
    await wg('create', 'a');
    expect(await wg('delete', '')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('invalid WaitGroup name'),
    });
    expect((await wg('list', '-o', 'name')).stdout).toBe('waitgroup.konductor.io/a\n');
  });
});

describe('the namespace', () => {
  it('is that of the flag, else of the environment, else of the context', async () => {
    const [other, third] = await Promise.all([
      createNamespace(controlPlane, 'verbs'),
      createNamespace(controlPlane, 'verbs'),
    ]);
    const kubeconfig = await changedKubeconfig(controlPlane, ({ contexts }) => {
      for (const { context } of contexts) context.namespace = other;
    });
    const where = async (env: Record<string, string>, ...args: string[]) =>
      (await koncli(['wg', 'list', ...args], { kubeconfig, env })).stderr;
    expect(await where({})).toContain(`namespace ${other}.`);
    expect(await where({ KONDUCTOR_NAMESPACE: third })).toContain(`namespace ${third}.`);
    expect(await where({ KONDUCTOR_NAMESPACE: third }, '-n', namespace)).toContain(`namespace ${namespace}.`);
  });
});
