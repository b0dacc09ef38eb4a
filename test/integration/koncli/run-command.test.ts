import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { koncliPath } from '../../support/processes/executables.ts';
import { resultOf } from '../../support/processes/koncli-process.ts';
import { KoncliRuns, PATH } from './runs.ts';

const controlPlane = inject('controlPlane');
let runs: KoncliRuns;

beforeAll(async () => {
  runs = await KoncliRuns.create(controlPlane);
});

describe('koncli waitgroup run passes to the command', () => {
  it('its arguments as they are, and its name', async () => {
    const words = ['-n', 'x', '--help', '--', '--no-add', '-o=json', '', 'a b', '$HOME', 'ä'];
    const script = 'printf "%s|" "$0" "$@"';
    const { stdout } = await runs.run(['batch', '--no-add', '--', 'sh', '-c', `${script}; exit 1`, 'work', ...words]);
    expect(stdout).toBe(`${['work', ...words].join('|')}|`);
    const { stdout: name } = await runs.run(['batch', '--no-add', '--', 'cat', '/proc/self/cmdline']);
    expect(name).toBe('cat\0/proc/self/cmdline\0');
  });

  it('the environment as it is', async () => {
    runs.writeScript('.env', 'FROM_FILE=1\nKONDUCTOR_NAMESPACE=elsewhere\n');
    const env = { EMPTY: '', LINES: 'a\nb' };
    const { stdout } = await runs.run(['batch', '--no-add', '--', 'env', '-0'], { env, cwd: runs.folder });
    expect(stdout.split('\0').slice(0, -1).sort()).toEqual(
      [
        'EMPTY=',
        `KONDUCTOR_NAMESPACE=${runs.namespace}`,
        `KUBECONFIG=${controlPlane.kubeconfig}`,
        'LINES=a\nb',
        `PATH=${PATH}`,
      ].sort(),
    );
  });

  it('its own working directory and signal masks', async () => {
    const script = 'pwd; grep -E "Sig(Blk|Ign)" /proc/self/status';
    const { stdout } = await runs.run(['batch', '--no-add', '--', 'sh', '-c', script], { cwd: runs.folder });
    expect(stdout).toBe(`${runs.folder}\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n`);
  });

  it('all of its stdin, and all of its output on', async () => {
    const input = Buffer.alloc(5_000_000, 'all work and no play\n');
    const { child, exit } = runs.start([await runs.newGroup(), '--', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin?.end(input);
    expect((await text(child.stdout as Readable)) === String(input)).toBe(true);
    expect(await exit).toBe(0);
  });

  it('the descriptors that koncli was started with', async () => {
    const script = `exec 3>"$1/three" 7>"$1/seven"; exec "$0" wg run batch --no-add -- sh -c 'echo 3 >&3; echo 7 >&7; exit 9'`;
    const child = spawn('sh', ['-c', script, koncliPath(), runs.folder], { env: runs.env });
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(9);
    expect([readFileSync(runs.fileAt('three'), 'utf8'), readFileSync(runs.fileAt('seven'), 'utf8')]).toEqual([
      '3\n',
      '7\n',
    ]);
  });

  it('no arguments that are not UTF-8', async () => {
    const group = await runs.newGroup();
    const script = `exec "$0" wg run "$1" -- touch "$2/ran" "$(printf 'a\\344')"`;
    const child = spawn('sh', ['-c', script, koncliPath(), group, runs.folder], {
      env: runs.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(await resultOf(child)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'koncli: argument 2 of the command is not valid UTF-8 ("a\uFFFD") and would be changed; nothing was run or counted\n',
    });
    expect([runs.isThere('ran'), (await runs.statusOf(group))?.added ?? 0]).toEqual([false, 0]);
    const { stdout } = await runs.run(['batch', '--', 'echo', 'a\uFFFD']);
    expect(stdout).toBe('a\uFFFD\n');
  });
});
