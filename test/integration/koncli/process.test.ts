import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncliPath, operatorPath } from '../../support/processes/executables.ts';
import { changedKubeconfig, kubeconfigOfNobody, listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const controlPlane = inject('controlPlane');
const SCRIPT = '/usr/bin/script';
const CLEAR_LINE = '\r\x1b[K';
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'process');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);

/** Any command, with an environment in which koncli finds the namespace. */
function start(command: string, args: readonly string[], options: SpawnOptions = {}) {
  const env = { PATH: process.env.PATH, KUBECONFIG: controlPlane.kubeconfig, KONDUCTOR_NAMESPACE: namespace };
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { ...env, ...options.env },
  });
  // Then all of its output is here.
  return { child, exit: new Promise<number | null>((resolve) => child.once('close', resolve)) };
}

async function run(command: string, args: readonly string[], options?: SpawnOptions) {
  const { child, exit } = start(command, args, options);
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { stdout, stderr, code };
}

const read = async (stream: Readable | null) => (stream ? text(stream) : '');

describe('koncli, on a signal', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'ends an add while the API server is unavailable, and reports that nothing was changed: %s',
    async (signal, code) => {
      const kubeconfig = await kubeconfigOfNobody(controlPlane);
      const add = startKoncli(['wg', 'add', 'group'], { kubeconfig });
      const toldAdd = listen(add);
      await toldAdd('retrying');
      add.process.kill(signal);
      const { stderr, ...result } = await add.result;
      expect(result).toEqual({ code, stdout: '' });
      expect(stderr).toMatch(new RegExp(`\nkoncli: stopped by ${signal}; nothing was changed\n$`));
    },
  );

  it('ends within a second although a credential plugin hangs', async () => {
    const plugin = { command: 'sleep', args: ['600'], interactiveMode: 'Never' };
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', ...plugin };
    const kubeconfig = await changedKubeconfig(controlPlane, ({ users }) => {
      for (const one of users) one.user = { exec };
    });
    await expectOnceWithin(1_000, async () => {
      const list = startKoncli(['wg', 'list'], { kubeconfig, env: { PATH: process.env.PATH ?? '' } });
      const plugin = await pluginOf(list.process.pid);
      const sentAt = performance.now();
      list.process.kill('SIGTERM');
      expect((await list.result).code).toBe(143);
      const tookMs = performance.now() - sentAt;
      await eventually('the end of the plugin', () => !existsSync(`/proc/${plugin}`));
      return tookMs;
    });
  });
});

/** Resolves when this process has a child: the plugin. */
function pluginOf(pid: number | undefined): Promise<string> {
  const children = `/proc/${pid}/task/${pid}/children`;
  return eventually('the start of the plugin', () => readFileSync(children, 'utf8').trim());
}

describe('koncli, writing', () => {
  it('makes the change although its reader has gone', async () => {
    await wg('create', 'group');
    const { child, exit } = start(koncliPath(), ['wg', 'add', 'group', '-o', 'json']);
    child.stdout?.destroy();
    expect(await read(child.stderr)).toBe('');
    expect(await exit).toBe(0);
    expect((await wg('add', 'group')).stdout).toContain('counter is 2');
  });

  it.each(['version', '--help', 'wg list -o json'])('fails when the disk is full: %s', async (command) => {
    const { code, stderr } = await run('sh', ['-c', `"$0" ${command} >/dev/full`, koncliPath()]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^koncli: cannot write the output: ENOSPC[^\n]*\n$/)]);
  });

  it.each([
    ['add group', '"counter": 2'],
    ['done group', '"counter": 0'],
    ['set group --counter 5 --reason test', '"counter": 5'],
    ['create other', '"name": "other"'],
    ['delete group', '"items": []'],
  ])('succeeds when a change was made, even if its result cannot be written: %s', async (command, state) => {
    await wg('create', 'group', '--initial-count', '1');
    const { code, stderr } = await run('sh', ['-c', `"$0" wg ${command} >/dev/full`, koncliPath()]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^koncli: cannot write the output: ENOSPC[^\n]*; the change was made\n$/),
    ]);
    expect((await wg('list', '-o', 'json')).stdout).toContain(state);
  });

  it('succeeds when a wait did, even if its result cannot be written', async () => {
    await wg('create', 'group', '--initial-count', '1');
    await wg('done', 'group');
    const { code, stderr } = await run('sh', ['-c', '"$0" wg wait group >/dev/full', koncliPath()]);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/\nkoncli: cannot write the output: ENOSPC[^\n]*; the wait succeeded\n$/),
    ]);
  });

  it('checks once when the time limit of a wait is too short for anything else', async () => {
    await wg('create', 'group', '--initial-count', '1');
    expect(await wg('wait', 'group', '--timeout', '1ns')).toMatchObject({ code: 3 });
    await wg('done', 'group');
    expect(await wg('wait', 'group', '--timeout', '1ns')).toMatchObject({ code: 0 });
  });

  it('does not fail when stderr cannot be written', async () => {
    expect(await run('sh', ['-c', '"$0" wg list 2>/dev/full', koncliPath()])).toMatchObject({ code: 0 });
    expect(await run('sh', ['-c', '"$0" wg nonsense 2>/dev/full', koncliPath()])).toMatchObject({ code: 1 });
  });

  it('writes more than a pipe holds', async () => {
    const annotations = { filler: 'x'.repeat(250_000) };
    const input = JSON.stringify({
      apiVersion: 'konductor.io/v1',
      kind: 'WaitGroup',
      metadata: { name: 'big', namespace, annotations },
    });
    await kubectlOutput(controlPlane, ['create', '-f', '-'], { input });
    const script = '"$0" wg get big -o json | { read -r first; sleep 0.2; echo "$first"; cat; }';
    const { stdout } = await run('/bin/sh', ['-c', script, koncliPath()]);
    expect(JSON.parse(stdout).metadata.annotations).toEqual(annotations);
  });
});

describe('koncli, on a terminal', () => {
  it('rewrites one line of progress, clears it, and prints the result', async ({ skip }) => {
    skip(!existsSync(SCRIPT), `needs ${SCRIPT} for a terminal`);
    await wg('create', 'group', '--initial-count', '2');
    const { child, exit } = start(SCRIPT, ['-qec', `${koncliPath()} wg wait group`, '/dev/null'], {
      env: { TERM: 'xterm' },
    });
    let screen = '';
    child.stdout?.on('data', (chunk) => {
      screen += chunk;
    });
    const shows = (what: string) => eventually(`"${what}" on the screen`, () => screen.includes(what));
    await shows('group 0 of 2 done, counter 2');
    await wg('done', 'group');
    await shows('group 1 of 2 done, counter 1');
    await wg('done', 'group');
    expect(await exit).toBe(0);
    expect(screen).not.toContain('waitgroup.konductor.io/group counter');
    const [progress, ...rest] = screen.split('\n');
    expect(rest).toEqual(['']);
    expect(progress?.startsWith(`${CLEAR_LINE}\x1b[32m░`)).toBe(true);
    expect(progress?.endsWith(`${CLEAR_LINE}waitgroup.konductor.io/group is done, 2 added in total\r`)).toBe(true);
  });
});

it('koncli ignores configuration files in its working directory', async () => {
  const cwd = mkdtempSync(join(controlPlane.directory, 'dotenv-'));
  writeFileSync(join(cwd, '.env'), 'KONDUCTOR_NAMESPACE=elsewhere\nKONDUCTOR_WAITGROUP=other\n');
  writeFileSync(join(cwd, 'bunfig.toml'), 'preload = ["./nonexistent.ts"]\n');
  await wg('create', 'group');
  expect((await run(koncliPath(), ['wg', 'add'], { cwd })).stderr).toContain('no WaitGroup name');
  expect((await run(koncliPath(), ['wg', 'add', 'group'], { cwd })).code).toBe(0);
});

it.each([
  ['BUN_OPTIONS', '--preload ./nonexistent.ts'],
  ['BUN_BE_BUN', '1'],
  ['BUN_INSPECT', 'ws://127.0.0.1:0/?wait=1'],
])(
  'koncli and the operator ignore %s, which is meant for another program, and koncli passes it on',
  async (name, value) => {
    const options = { env: { [name]: value } };
    await wg('create', 'group');
    const work = ['wg', 'run', 'group', '--', 'printenv', name];
    expect(await run(koncliPath(), work, options)).toMatchObject({ code: 0, stdout: `${value}\n` });
    expect((await run(operatorPath(), ['--help'], options)).stdout).toMatch(/^Usage: konductor-operator/);
  },
);

describe('koncli on Node', () => {
  it('works like the executable', async () => {
    await wg('create', 'group');
    const main = join(root, 'cli/src/main.ts');
    const node = (...args: string[]) => run(process.execPath, ['--conditions=konductor-source', main, 'wg', ...args]);
    expect(await node('add', 'group', '--delta', '2')).toMatchObject({
      code: 0,
      stdout: 'waitgroup.konductor.io/group added 2, counter is 2\n',
    });
    expect(await node('get', 'nope')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^koncli: waitgroup "nope" not found/),
    });
    const help = await run(process.execPath, ['--conditions=konductor-source', main, '--help']);
    expect((await run(koncliPath(), ['--help'])).stdout).toBe(help.stdout);
    const { stdout } = await wg('get', 'group', '-o', 'json');
    expect((await node('get', 'group', '-o', 'json')).stdout).toBe(stdout);
  });
});
