import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { koncliPath } from '../support/processes/executables.ts';
import { listen } from '../support/processes/koncli-fixtures.ts';
import { koncli, resultOf } from '../support/processes/koncli-process.ts';
import { eventually } from '../support/waiting/eventually.ts';
import { expectOnceWithin } from '../support/waiting/once-within.ts';
import { newFaultedGroup } from './faulted-group.ts';
import { delay, firstDo, loseResponse, swallow } from './faults.ts';

const access = inject('controlPlane');

/** A group behind a proxy, and runs of koncli that reach it there; commands meet them in a folder. */
async function newRuns() {
  const group = await newFaultedGroup(access);
  const folder = mkdtempSync(join(access.directory, 'run-'));
  const kubeconfig = group.proxy.writeKubeconfig(join(folder, 'kubeconfig'));
  const { namespace } = group.direct;
  const start = (flags: readonly string[], script: string) => {
    const args = ['wg', 'run', 'batch', '-n', namespace, ...flags, '--', 'sh', '-c', script];
    const child = spawn(koncliPath(), args, {
      cwd: folder,
      env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return { process: child, result: resultOf(child) };
  };
  const isThere = (file: string) => existsSync(join(folder, file));
  return { ...group, folder, start, isThere, appears: (file: string) => eventually(file, () => isThere(file)) };
}

/** Goes on when the test writes the file `go`. */
const WORK = 'touch working; while [ ! -e go ]; do sleep 0.02; done';

/** Another client has added the work. */
const NO_ADD = ['--no-add'];

/** The API server becomes unavailable while the command runs, which then ends. */
async function runIntoOutage(flags: readonly string[], script: string) {
  const runs = await newRuns();
  const run = runs.start(flags, script);
  const said = listen(run);
  await runs.appears('working');
  runs.proxy.refuseConnections();
  writeFileSync(join(runs.folder, 'go'), '');
  return { ...runs, run, said };
}

describe('koncli waitgroup run while the API server is unavailable', () => {
  it('marks its work done as soon as the API server is back, and exits with the success of its command', async () => {
    const { run, said, proxy, counter } = await runIntoOutage([], WORK);
    await said('retrying until it is available');
    await proxy.acceptConnections();
    expect(await run.result).toMatchObject({ code: 0, stdout: '' });
    expect(await counter()).toBe(0);
  });

  it('exits with 5 when the time limit for the done expires, and prints a command that is safe to repeat', async () => {
    const { run, counter } = await runIntoOutage(['--done-timeout', '300ms'], WORK);
    const { code, stderr } = await run.result;
    expect(code).toBe(5);
    const [, byHand = ''] =
      /\nkoncli: the command succeeded, but marking the work done failed: .* timed out after 300ms.*; nothing was changed; retry with \(safe to repeat\): koncli (.*)\n$/.exec(
        stderr,
      ) ?? [];
    for (let n = 0; n < 2; n++) expect(await koncli(byHand.split(' '), access)).toMatchObject({ code: 0 });
    expect(await counter()).toBe(0);
  });

  it('runs work that another process has added after a short check, warns, and marks it done when the API server is back', async () => {
    const { proxy, direct, start, appears, folder, counter } = await newRuns();
    await direct.add('batch');
    proxy.refuseConnections();
    const run = start(NO_ADD, WORK);
    const said = listen(run);
    await said('cannot check whether the work can be marked done');
    await appears('working');
    await proxy.acceptConnections();
    writeFileSync(join(folder, 'go'), '');
    expect((await run.result).code).toBe(0);
    expect(await counter()).toBe(0);
  });

  it('runs work that another process has added, and warns, when the response to its check never arrives', async () => {
    const { proxy, direct, start } = await newRuns();
    await direct.add('batch');
    proxy.onRead(swallow);
    const { code, stderr } = await start([...NO_ADD, '--timeout', '200ms'], ':').result;
    expect([code, stderr]).toEqual([0, expect.stringContaining('running the command anyway')]);
  });

  it('ends with the code of a command that failed, at once', async () => {
    const { run, counter } = await runIntoOutage([], `${WORK}; exit 9`);
    expect((await run.result).code).toBe(9);
    expect(await counter()).toBe(1);
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('reports the first %s, and exits within a second of the next', async (signal, code) => {
    await expectOnceWithin(1_000, async () => {
      const { run, said, counter } = await runIntoOutage([], WORK);
      await said('retrying until it is available');
      run.process.kill(signal);
      await said(`received ${signal}; the command succeeded, still marking its work done`);
      const sentAt = performance.now();
      run.process.kill(signal);
      const result = await run.result;
      const tookMs = performance.now() - sentAt;
      expect(result).toEqual({
        code,
        stdout: '',
        stderr: expect.stringMatching(
          `\nkoncli: stopped by ${signal}: the command succeeded, but marking the work done failed: nothing was changed; retry with \\(safe to repeat\\): koncli waitgroup done batch -n [^\n]*\n$`,
        ),
      });
      expect(await counter()).toBe(1);
      return tookMs;
    });
  });

  it('ends on one signal where the command was sent one before', async () => {
    const { proxy, start, appears, folder } = await newRuns();
    const run = start([], `trap "touch go" TERM; ${WORK}`);
    const said = listen(run);
    await appears('working');
    proxy.refuseConnections();
    run.process.kill('SIGTERM');
    await said('retrying until it is available');
    run.process.kill('SIGTERM');
    expect((await run.result).code).toBe(143);
    expect(existsSync(join(folder, 'go'))).toBe(true);
  });
});

describe('koncli waitgroup run whose responses are lost', () => {
  it('counts once all the same', async () => {
    const { proxy, start, direct } = await newRuns();
    proxy.onWrite(loseResponse, (request) => request.pass(), loseResponse);
    expect((await start([], ':').result).code).toBe(0);
    expect((await direct.get('batch')).status).toMatchObject({ counter: 0, added: 1, completions: 1 });
  });

  it('runs nothing when it cannot know whether it was added', async () => {
    const { proxy, start, isThere } = await newRuns();
    proxy.onWrite(swallow);
    const { code, stderr } = await start(['--timeout', '3s'], 'touch ran').result;
    expect([code, isThere('ran')]).toEqual([5, false]);
    expect(stderr).toMatch(
      /^koncli: the command was not run: waitgroup "batch": a change of 1 was sent, but its outcome is unknown/,
    );
  });

  it('reports that the outcome of the done is unknown', async () => {
    const { proxy, start } = await newRuns();
    proxy.onWrite((request) => request.pass(), swallow);
    const { code, stderr } = await start(['--done-timeout', '3s'], ':').result;
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^koncli: the command succeeded, but marking the work done failed: .* its outcome is unknown; .*; retry with \(safe to repeat\): koncli waitgroup done batch [^\n]*\n$/,
    );
  });
});

describe('koncli waitgroup run, stopped while it adds', () => {
  /** The signal comes when the write is on its way. */
  async function stopDuringAdd(afterwards: Parameters<typeof firstDo>[1]) {
    const runs = await newRuns();
    let stop = async () => {};
    runs.proxy.onWrite(firstDo(() => stop(), afterwards));
    const run = runs.start([], 'touch ran');
    let stoppedAt = 0;
    stop = async () => {
      stoppedAt = performance.now();
      run.process.kill('SIGTERM');
      await signalIsTaken(run.process.pid);
    };
    const { code, stderr } = await run.result;
    const tookMs = performance.now() - stoppedAt;
    expect([code, runs.isThere('ran')]).toEqual([143, false]);
    return { ...runs, stderr, tookMs };
  }

  it('takes back what was counted, and runs nothing', () =>
    expectOnceWithin(1_000, async () => {
      const { stderr, direct, tookMs } = await stopDuringAdd(delay(50));
      // Half a second is all that koncli has: when that is too little, it says what it does not know, or nothing.
      if (/^$|unknown|could not be taken back/.test(stderr)) return Number.POSITIVE_INFINITY;
      expect(stderr).toBe('koncli: stopped by SIGTERM; nothing was run, and the counter is unchanged\n');
      expect((await direct.get('batch')).status).toMatchObject({ counter: 0, added: 1 });
      return tookMs;
    }));

  it('reports an unknown outcome when no response arrives', () =>
    expectOnceWithin(1_000, async () => {
      const { stderr, tookMs } = await stopDuringAdd(swallow);
      if (stderr === '') return Number.POSITIVE_INFINITY;
      expect(stderr).toMatch(
        /^koncli: stopped by SIGTERM: the command was not run: waitgroup "batch": a change of 1 was sent, but its outcome is unknown; to see/,
      );
      return tookMs;
    }));

  it('changes nothing when it had sent nothing', async () => {
    const { proxy, start, counter } = await newRuns();
    proxy.onRead(swallow);
    const run = start([], 'touch ran');
    await eventually('the read', () => proxy.requests.length > 0);
    run.process.kill('SIGHUP');
    expect(await run.result).toEqual({
      code: 129,
      stdout: '',
      stderr: 'koncli: stopped by SIGHUP; nothing was changed\n',
    });
    expect(await counter()).toBe(0);
  });
});

it('koncli waitgroup run asks nothing of the API server while the command runs, and holds no connection', async () => {
  const { proxy, start, appears, folder } = await newRuns();
  const run = start([], WORK);
  await appears('working');
  expect(proxy.requests).toEqual(['GET group', 'PUT status']);
  await eventually('the end of its connections', () => tcpSocketsOf(run.process.pid).length === 0);

  writeFileSync(join(folder, 'go'), '');
  expect((await run.result).code).toBe(0);
  expect(proxy.requests).toEqual(['GET group', 'PUT status', 'GET group', 'PUT status']);
});

it('koncli waitgroup run --no-add looks with a read and a write that is none', async () => {
  const { proxy, direct, start, appears, folder, counter } = await newRuns();
  await direct.add('batch');
  const before = (await direct.get('batch')).metadata.resourceVersion;
  const run = start(NO_ADD, WORK);
  await appears('working');
  expect(proxy.requests).toEqual(['GET group', 'PUT status']);
  expect((await direct.get('batch')).metadata.resourceVersion).toBe(before);
  writeFileSync(join(folder, 'go'), '');
  expect((await run.result).code).toBe(0);
  expect(await counter()).toBe(0);
});

it('koncli waitgroup run --no-add runs its command although the write that is none meets another one', async () => {
  const { proxy, direct, start, counter } = await newRuns();
  await direct.add('batch');
  proxy.onWrite(firstDo(() => direct.add('batch')));
  expect((await start(NO_ADD, ':').result).code).toBe(0);
  expect(await counter()).toBe(1);
});

/** The system has handed it over, where that can be seen: on Linux. */
async function signalIsTaken(pid: number | undefined): Promise<void> {
  const status = `/proc/${pid}/status`;
  const isPending = () => existsSync(status) && !/^ShdPnd:\t0+$/m.test(readFileSync(status, 'utf8'));
  await eventually('the delivery of the signal', () => !isPending(), { intervalMs: 1 });
}

/** Its open ones, as in proc_pid_net(5). */
function tcpSocketsOf(pid: number | undefined): readonly string[] {
  const descriptors = `/proc/${pid}/fd`;
  const links = readdirSync(descriptors).map((descriptor) => readlinkSync(join(descriptors, descriptor)));
  const connections = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[9]);
  return links.filter((link) => connections.some((inode) => link === `socket:[${inode}]`));
}
