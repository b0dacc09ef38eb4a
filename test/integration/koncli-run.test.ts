import { type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { WaitGroup } from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { root } from '../../scripts/executables.ts';
import { koncliPath } from '../support/executables.ts';
import { koncli } from '../support/koncli-process.ts';
import { createNamespace } from '../support/namespaces.ts';
import { restrictedKubeconfig } from './client-access.ts';

const controlPlane = inject('controlPlane');
const PATH = process.env.PATH ?? '';
const COUNTED = { counter: 0, added: 1, completions: 1 };
const STAYS = { counter: 1, added: 1 };
let namespace: string;
let folder: string;

beforeAll(async () => {
  namespace = await createNamespace(controlPlane, 'run');
  folder = mkdtempSync(join(controlPlane.directory, 'run-'));
});

let made = 0;

/** The name of a new group. */
async function newGroup(): Promise<string> {
  const name = `batch-${++made}`;
  await koncli(['wg', 'create', name, '-n', namespace], controlPlane);
  return name;
}

interface StartOptions extends SpawnOptions {
  /** koncli's executable, or what else is koncli. */
  readonly program?: readonly string[];
}

/** `koncli waitgroup run` with these arguments, in an environment in which it finds the namespace. */
function start(args: readonly string[], { env, program = [koncliPath()], ...options }: StartOptions = {}) {
  const [file = '', ...before] = program;
  const child = spawn(file, [...before, 'wg', 'run', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    env: { PATH, KUBECONFIG: controlPlane.kubeconfig, KONDUCTOR_NAMESPACE: namespace, ...env },
  });
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  return { child, exit };
}

async function run(args: readonly string[], options?: StartOptions) {
  const { child, exit } = start(args, options);
  const read = async (stream: Readable | null) => (stream ? text(stream) : '');
  const [stdout, stderr, code] = await Promise.all([read(child.stdout), read(child.stderr), exit]);
  return { stdout, stderr, code };
}

async function statusOf(group: string): Promise<Partial<WaitGroup['status']>> {
  const { stdout } = await koncli(['wg', 'get', group, '-n', namespace, '-o', 'json'], controlPlane);
  return JSON.parse(stdout).status ?? {};
}

function writeScript(name: string, content: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe('koncli waitgroup run, counting', () => {
  it('adds before the command and says done after it', async () => {
    const group = await newGroup();
    const command = `"$0" wg get ${group} -o json`;
    const { stdout, ...rest } = await run([group, '--', 'sh', '-c', command, koncliPath()]);
    expect(rest).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).status).toMatchObject(STAYS);
    expect(await statusOf(group)).toMatchObject(COUNTED);
  });

  it('takes the group from the environment where no name is given', async () => {
    const group = await newGroup();
    const { code } = await run(['--', 'true'], { env: { KONDUCTOR_WAITGROUP: group } });
    expect([code, await statusOf(group)]).toEqual([0, expect.objectContaining(COUNTED)]);
  });

  it('only says done with --no-add', async () => {
    const group = await newGroup();
    await koncli(['wg', 'add', group, '-n', namespace], controlPlane);
    expect(await run([group, '--no-add', '--', 'true'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await statusOf(group)).toMatchObject(COUNTED);
  });

  it('leaves the work counted when the command fails, and says how it is given up', async () => {
    const group = await newGroup();
    const { stderr, ...rest } = await run([group, '--', 'sh', '-c', 'echo out; exit 3']);
    expect(rest).toEqual({ code: 3, stdout: 'out\n' });
    const [, byHand = ''] = /^koncli: the command exited with 3; .* to give it up: koncli (.*)\n$/.exec(stderr) ?? [];
    expect(await statusOf(group)).toMatchObject(STAYS);
    expect(await koncli(byHand.split(' '), controlPlane)).toMatchObject({ code: 0 });
    expect(await statusOf(group)).toMatchObject(COUNTED);
  });

  it('says done of no other group that has taken the name while the command ran', async () => {
    const group = await newGroup();
    const remake = `"$0" wg delete ${group} && "$0" wg create ${group} --initial-count 1`;
    expect(await run([group, '--', 'sh', '-c', remake, koncliPath()])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^koncli: the command succeeded, but saying done did not: .*made anew[^\n]*\n$/),
    });
    expect(await statusOf(group)).not.toMatchObject({ counter: 0 });
    expect(await koncli(['wg', 'wait', group, '-n', namespace, '--timeout', '0'], controlPlane)).toMatchObject({
      code: 3,
    });
  });

  it('says so when the command succeeded and there is nothing to say done of', async () => {
    const group = await newGroup();
    expect(await run([group, '--no-add', '--', 'true'])).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^koncli: the command succeeded, but saying done did not: .*below zero; nothing was changed[^\n]*\n$/,
      ),
    });
  });

  it('runs nothing when there is no group to count in', async () => {
    const result = await run(['other', '--', 'touch', join(folder, 'ran')]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/^koncli: waitgroup "other" not found/) });
    expect(existsSync(join(folder, 'ran'))).toBe(false);
  });

  it('needs no other rights than to read the group and to write its status', async () => {
    const group = await newGroup();
    const apiGroups = ['konductor.io'];
    const kubeconfig = await restrictedKubeconfig(controlPlane, {
      namespace,
      rules: [
        { apiGroups, resources: ['waitgroups'], resourceNames: [group], verbs: ['get'] },
        { apiGroups, resources: ['waitgroups/status'], resourceNames: [group], verbs: ['update'] },
      ],
    });
    expect((await run([group, '--', 'true'], { env: { KUBECONFIG: kubeconfig } })).code).toBe(0);
    expect(await statusOf(group)).toMatchObject(COUNTED);
  });

  it('does the same on Node', async () => {
    const group = await newGroup();
    const main = join(root, 'cli/src/main.ts');
    const onNode = (...command: string[]) =>
      run([group, '--', ...command], { program: [process.execPath, '--conditions=konductor-source', main] });
    expect(await onNode('sh', '-c', 'echo $0', 'out')).toEqual({ code: 0, stdout: 'out\n', stderr: '' });
    expect(await statusOf(group)).toMatchObject(COUNTED);
    expect(await onNode('sh', '-c', 'kill -9 $$')).toMatchObject({
      code: 137,
      stderr: expect.stringContaining('was killed by SIGKILL'),
    });
  });
});

describe('koncli waitgroup run, ending', () => {
  it.each([1, 5, 77, 127, 128, 255])('passes the exit code %d on', async (code) => {
    expect((await run(['batch', '--no-add', '--', 'sh', '-c', `exit ${code}`])).code).toBe(code);
  });

  it.each([
    ['TERM', 143, 'SIGTERM'],
    ['KILL', 137, 'SIGKILL'],
    ['SEGV', 139, 'SIGSEGV'],
    // A real-time signal, which has no name: the runtime's own child_process takes it for an exit with 0.
    ['34', 162, 'signal 34'],
  ])('ends with 128 and the number of the signal that killed the command: %s', async (signal, code, name) => {
    const result = await run(['batch', '--no-add', '--', 'sh', '-c', `kill -${signal} $$`]);
    expect(result).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^koncli: the command was killed by ${name}; .*\n$`)),
    });
  });

  it('ends when the command does, whoever else holds its output open', async () => {
    const { child, exit } = start([await newGroup(), '--', 'sh', '-c', 'sleep 60 & echo $!']);
    const { promise: sleeper, resolve } = Promise.withResolvers<number>();
    child.stdout?.once('data', (chunk) => resolve(Number(chunk)));
    try {
      expect(await exit).toBe(0);
      expect(process.kill(await sleeper, 0)).toBe(true);
    } finally {
      process.kill(await sleeper, 'SIGKILL');
    }
  });
});

describe('koncli waitgroup run of what cannot be run', () => {
  it.each<[string, () => string, number, RegExp]>([
    ['is not there', () => 'no-such-command', 127, /"no-such-command" was not found in PATH \(.*\)/],
    ['is no file', () => './no-such-file', 127, /"\.\/no-such-file" was not found/],
    ['is no executable', () => writeScript('plain', '', 0o644), 126, /cannot be executed: permission denied/],
    ['is a folder', () => folder, 126, /cannot be executed: it is a directory/],
    ['is empty', () => '', 127, /"" was not found/],
  ])('counts nothing when the command %s', async (_, command, code, says) => {
    const group = await newGroup();
    const { stderr, ...rest } = await run([group, '--', command()]);
    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(/^koncli: the command "[^\n]*; nothing was run, and nothing was counted\n$/);
    expect(stderr).toMatch(says);
    expect((await statusOf(group))?.added ?? 0).toBe(0);
  });

  it.each([
    ['whose interpreter is missing', '#!/nonexistent/sh\n', 'the interpreter or loader that it names is missing'],
    ['that is no program', 'echo hello\n', 'it is neither an executable for this machine nor a script'],
  ])('takes the add back for a file %s', async (_, content, says) => {
    const group = await newGroup();
    const { code, stderr } = await run([group, '--', writeScript('work', content)]);
    expect([code, stderr]).toEqual([126, expect.stringContaining(`cannot be executed: ${says}`)]);
    expect(stderr).toMatch(/; and the counter is as it was\n$/);
    expect(await statusOf(group)).toMatchObject({ counter: 0, added: 1 });
  });
});

describe('koncli waitgroup run, giving the command', () => {
  it('its arguments as they are, and its name', async () => {
    const words = ['-n', 'x', '--help', '--', '--no-add', '-o=json', '', 'a b', '$HOME', 'ä'];
    const script = 'printf "%s|" "$0" "$@"';
    const { stdout } = await run(['batch', '--no-add', '--', 'sh', '-c', `${script}; exit 1`, 'work', ...words]);
    expect(stdout).toBe(`${['work', ...words].join('|')}|`);
    const { stdout: name } = await run(['batch', '--no-add', '--', 'cat', '/proc/self/cmdline']);
    expect(name).toBe('cat\0/proc/self/cmdline\0');
  });

  it('the environment as it is', async () => {
    writeScript('.env', 'FROM_FILE=1\nKONDUCTOR_NAMESPACE=elsewhere\n');
    const env = { EMPTY: '', LINES: 'a\nb' };
    const { stdout } = await run(['batch', '--no-add', '--', 'env', '-0'], { env, cwd: folder });
    expect(stdout.split('\0').slice(0, -1).sort()).toEqual(
      [
        'EMPTY=',
        `KONDUCTOR_NAMESPACE=${namespace}`,
        `KUBECONFIG=${controlPlane.kubeconfig}`,
        'LINES=a\nb',
        `PATH=${PATH}`,
      ].sort(),
    );
  });

  it('no other folder and no other signals than its own', async () => {
    const script = 'pwd; grep -E "Sig(Blk|Ign)" /proc/self/status';
    const { stdout } = await run(['batch', '--no-add', '--', 'sh', '-c', script], { cwd: folder });
    expect(stdout).toBe(`${folder}\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n`);
  });

  it('its stdin, all of it, and takes all that it writes', async () => {
    const input = Buffer.alloc(5_000_000, 'all work and no play\n');
    const { child, exit } = start([await newGroup(), '--', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.end(input);
    expect((await text(child.stdout as Readable)) === String(input)).toBe(true);
    expect(await exit).toBe(0);
  });

  it('the descriptors that koncli was started with', async () => {
    const script = `exec 3>"$1/three" 7>"$1/seven"; exec "$0" wg run batch --no-add -- sh -c 'echo 3 >&3; echo 7 >&7; exit 9'`;
    const child = spawn('sh', ['-c', script, koncliPath(), folder], {
      env: { PATH, KUBECONFIG: controlPlane.kubeconfig, KONDUCTOR_NAMESPACE: namespace },
    });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(9);
    expect([readFileSync(join(folder, 'three'), 'utf8'), readFileSync(join(folder, 'seven'), 'utf8')]).toEqual([
      '3\n',
      '7\n',
    ]);
  });
});
