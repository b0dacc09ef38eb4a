import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { startFaultProxy } from '../../../faults/fault-proxy.ts';
import { pass } from '../../../faults/faults.ts';
import { koncliPath } from '../../../support/processes/executables.ts';
import { listen } from '../../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../../support/processes/koncli-process.ts';
import { eventually } from '../../../support/waiting/eventually.ts';
import { withEnoughTime } from '../../../support/waiting/with-enough-time.ts';
import { KoncliRuns, STAYS } from '../runs.ts';

const controlPlane = inject('controlPlane');
let runs: KoncliRuns;

beforeAll(async () => {
  runs = await KoncliRuns.create(controlPlane);
});

const FAIL = '--on-failure=fail';
const sh = (script: string) => ['--', 'sh', '-c', script];
/** The status of a group whose one piece of work has failed. */
const failedWith = (message: string) => ({
  counter: 0,
  added: 1,
  outcome: 'Failed',
  failures: 1,
  failure: { reason: 'WorkerFailed', message, worker: hostname() },
  recentOperations: [{ delta: -1 }, { delta: 1 }],
});

describe('koncli waitgroup run --on-failure=fail', () => {
  it.each([
    ['exits with another code than 0', 'exit 3', 3, 'exited with code 3'],
    ['is killed', 'kill -KILL $$', 137, 'was killed by signal SIGKILL'],
    ['is sent SIGTERM by another process', 'kill -TERM $$', 143, 'was killed by signal SIGTERM'],
  ])('fails the WaitGroup when the command %s, and exits with its code', async (_, script, code, end) => {
    const group = await runs.newGroup();
    const marked = `koncli: the command ${end}; its work is marked failed in waitgroup "${group}"\n`;
    expect(await runs.run([group, FAIL, ...sh(script)])).toEqual({ code, stdout: '', stderr: marked });
    expect(await runs.statusOf(group)).toMatchObject(failedWith(`command "sh" ${end}`));
    expect(await runs.koncli('wait', group)).toMatchObject({ code: 6 });
  });

  it('fails work that another process has added', async () => {
    const group = await runs.newGroup();
    await runs.koncli('add', group);
    expect((await runs.run([group, FAIL, '--no-add', ...sh('exit 3')])).code).toBe(3);
    expect(await runs.statusOf(group)).toMatchObject(failedWith('command "sh" exited with code 3'));
  });

  it.each<[string, () => string, number, RegExp]>([
    ['does not exist', () => 'no-such-command', 127, /^command "no-such-command" not found in PATH/],
    ['is not a program', () => runs.writeScript('text', 'echo hello\n'), 126, /cannot be executed: it is neither/],
  ])('fails such work when the command %s', async (_, command, code, says) => {
    const group = await runs.newGroup();
    await runs.koncli('add', group);
    const { stderr, ...rest } = await runs.run([group, FAIL, '--no-add', '--', command()]);
    expect(rest).toEqual({ code, stdout: '' });
    expect(stderr).toMatch(/^koncli: command "[^\n]*; its work is marked failed in waitgroup "[^\n]*"\n$/);
    const { failure, counter } = (await runs.statusOf(group)) ?? {};
    expect([counter, failure?.message]).toEqual([0, expect.stringMatching(says)]);
  });

  it('counts nothing when a command cannot be run whose work it would add', async () => {
    const group = await runs.newGroup();
    const { code, stderr } = await runs.run([group, FAIL, '--', 'no-such-command']);
    expect([code, stderr]).toEqual([127, expect.stringMatching(/; nothing was run or counted\n$/)]);
    expect((await runs.statusOf(group))?.added ?? 0).toBe(0);
  });

  it('keeps the failure that the command itself has reported', async () => {
    const group = await runs.newGroup();
    const report = `"$0" wg fail ${group} --delta 0 --reason DiskFull --message full >/dev/null; exit 3`;
    expect((await runs.run([group, FAIL, ...sh(report), koncliPath()])).code).toBe(3);
    const failure = { reason: 'DiskFull', message: 'full' };
    expect(await runs.statusOf(group)).toMatchObject({ counter: 0, failures: 1, failure });
  });

  it('marks the work of a command that succeeds done', async () => {
    const group = await runs.newGroup();
    expect(await runs.run([group, FAIL, '--', 'true'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await runs.statusOf(group)).toMatchObject({ counter: 0, outcome: 'Succeeded' });
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'keeps the work outstanding when koncli was told to stop: %s',
    async (signal) => {
      const group = await runs.newGroup();
      const run = runs.start(
        [group, FAIL, ...sh(`trap 'exit 9' TERM INT; touch ready-${signal}; while :; do sleep 0.05; done`)],
        {
          cwd: runs.folder,
        },
      );
      const stderr = text(run.child.stderr as Readable);
      await eventually('the command', () => runs.isThere(`ready-${signal}`));
      run.child.kill(signal);
      expect(await run.exit).toBe(9);
      expect(await stderr).toMatch(
        /^koncli: the command exited with code 9 after a signal to stop; the work stays outst/,
      );
      const status = await runs.statusOf(group);
      expect([status, status?.outcome]).toEqual([expect.objectContaining(STAYS), undefined]);
    },
  );

  it('ends with the code of the command when its failure cannot be marked', async () => {
    const group = await runs.newGroup();
    const remake = `"$0" wg delete ${group} && "$0" wg create ${group} --initial-count 1; exit 3`;
    expect(await runs.run([group, FAIL, ...sh(remake), koncliPath()])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(
        /^koncli: the command exited with code 3, but its work could not be marked failed: .*recreated[^\n]*\n$/,
      ),
    });
    expect((await runs.statusOf(group))?.outcome).toBeUndefined();
  });

  /** The API server becomes unavailable while the command runs, which then fails. */
  async function runIntoOutage(...flags: readonly string[]) {
    const group = await runs.newGroup();
    const proxy = await startFaultProxy(controlPlane, runs.namespace);
    const KUBECONFIG = proxy.writeKubeconfig(runs.fileAt('proxied.kubeconfig'));
    const work = sh(`touch ${group}.runs; while [ ! -e ${group}.go ]; do sleep 0.02; done; exit 3`);
    const run = runs.start([group, FAIL, ...flags, ...work], { cwd: runs.folder, env: { KUBECONFIG } });
    const stderr = text(run.child.stderr as Readable);
    const says = listen({ process: run.child });
    await eventually('the command', () => runs.isThere(`${group}.runs`));
    proxy.refuseConnections();
    writeFileSync(runs.fileAt(`${group}.go`), '');
    return { ...run, group, stderr, says };
  }

  it('prints a command that is safe to repeat when the API server is unavailable', async () => {
    const { group, exit, stderr } = await runIntoOutage('--done-timeout', '300ms');
    expect(await exit).toBe(3);
    const [, byHand = ''] =
      /\nkoncli: the command exited with code 3, but its work could not be marked failed: .*; retry with \(safe to repeat\): koncli (.*)\n$/.exec(
        await stderr,
      ) ?? [];
    await repeat(byHand);
    expect(await runs.statusOf(group)).toMatchObject(failedWith('command "sh" exited with code 3'));
  });

  it('reports the first signal while it cannot mark the work failed, and ends on the second', async () => {
    const { child, exit, stderr, says } = await runIntoOutage();
    await says('retrying until it is available');
    child.kill('SIGTERM');
    await says('koncli: received SIGTERM; the command failed, still marking its work failed (signal again to stop)\n');
    child.kill('SIGTERM');
    expect(await exit).toBe(143);
    expect(await stderr).toMatch(
      /\nkoncli: stopped by SIGTERM: the command exited with code 3, but its work could not be marked failed: nothing was changed; retry with \(safe to repeat\): koncli waitgroup fail [^\n]*\n$/,
    );
  });

  it('counts once when the response is lost and the printed command is run', async () => {
    await withEnoughTime(async (limit) => {
      const group = await runs.newGroup();
      const proxy = await startFaultProxy(controlPlane, runs.namespace);
      proxy.onWrite(pass, async (request) => void (await request.forward()));
      const KUBECONFIG = proxy.writeKubeconfig(runs.fileAt('proxied.kubeconfig'));
      const args = [group, FAIL, '--done-timeout', limit.text, ...sh('exit 3')];
      const { code, stderr } = await runs.run(args, { env: { KUBECONFIG } });
      expect(code).toBe(3);
      const [, byHand = ''] =
        / its outcome is unknown; .*; retry with \(safe to repeat\): koncli (.*)\n$/.exec(stderr) ?? [];
      await repeat(byHand);
      expect(await runs.statusOf(group)).toMatchObject(failedWith('command "sh" exited with code 3'));
    });
  });
});

/** Runs the arguments of a printed command twice, without a shell. */
async function repeat(line: string): Promise<void> {
  const words = line.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
  for (let n = 0; n < 2; n++) expect(await koncli(words, controlPlane)).toMatchObject({ code: 0 });
}
