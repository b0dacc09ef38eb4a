import { beforeAll, describe, expect, inject, it } from 'vitest';
import { KoncliRuns } from './runs.ts';

const controlPlane = inject('controlPlane');
let runs: KoncliRuns;

beforeAll(async () => {
  runs = await KoncliRuns.create(controlPlane);
});

describe('koncli waitgroup run, ending', () => {
  it.each([1, 5, 77, 127, 128, 255])('exits with the code of the command, %d', async (code) => {
    expect((await runs.run(['batch', '--no-add', '--', 'sh', '-c', `exit ${code}`])).code).toBe(code);
  });

  it.each([
    ['TERM', 143, 'SIGTERM'],
    ['KILL', 137, 'SIGKILL'],
    ['SEGV', 139, 'SIGSEGV'],
    // A real-time signal, which has no name: the runtime's own child_process takes it for an exit with 0.
    ['34', 162, '34'],
  ])('exits with 128+n after the signal n that killed the command: %s', async (signal, code, name) => {
    const result = await runs.run(['batch', '--no-add', '--', 'sh', '-c', `kill -${signal} $$`]);
    expect(result).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^koncli: the command was killed by signal ${name}; .*\n$`)),
    });
  });

  it('ends with the command, even if another process holds its output open', async () => {
    const { child, exit } = runs.start([await runs.newGroup(), '--', 'sh', '-c', 'sleep 60 & echo $!']);
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

describe('koncli waitgroup run of a command that cannot be run', () => {
  it.each<[string, () => string, number, RegExp]>([
    ['does not exist', () => 'no-such-command', 127, /"no-such-command" not found in PATH \(.*\)/],
    ['is not a file', () => './no-such-file', 127, /"\.\/no-such-file" not found/],
    ['is not executable', () => runs.writeScript('plain', '', 0o644), 126, /cannot be executed: permission denied/],
    ['is a directory', () => runs.folder, 126, /cannot be executed: it is a directory/],
    ['is empty', () => '', 127, /"" not found/],
  ])('counts nothing when the command %s', async (_, command, code, says) => {
    const group = await runs.newGroup();
    const { stderr, ...rest } = await runs.run([group, '--', command()]);
    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(/^koncli: command "[^\n]*; nothing was run or counted\n$/);
    expect(stderr).toMatch(says);
    expect((await runs.statusOf(group))?.added ?? 0).toBe(0);
  });

  it.each([
    ['whose interpreter is missing', '#!/nonexistent/sh\n', 'its interpreter or loader is missing'],
    ['that is not a program', 'echo hello\n', 'it is neither an executable for this machine nor a script'],
  ])('undoes the add for a file %s', async (_, content, says) => {
    const group = await runs.newGroup();
    const { code, stderr } = await runs.run([group, '--', runs.writeScript('work', content)]);
    expect([code, stderr]).toEqual([126, expect.stringContaining(`cannot be executed: ${says}`)]);
    expect(stderr).toMatch(/; and the counter is unchanged\n$/);
    expect(await runs.statusOf(group)).toMatchObject({ counter: 0, added: 1 });
  });
});
