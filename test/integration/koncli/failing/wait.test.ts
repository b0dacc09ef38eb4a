import { hostname } from 'node:os';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../../support/cluster/namespaces.ts';
import { listen } from '../../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../../support/processes/koncli-process.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'waiting-failure');
  for (const name of ['a', 'b']) await wg('create', name, '--initial-count', '2', '--label', 'app=x');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const startWait = (...args: string[]) => startKoncli(['wg', 'wait', ...args, '-n', namespace], controlPlane);
const fail = (name: string, ...args: string[]) =>
  wg('fail', name, '--message', 'no space left', '--reason', 'DiskFull', ...args);

/** The one line of a wait that a failure has ended. */
const lineFor = (name: string) =>
  `koncli: waitgroup "${name}" failed: DiskFull: no space left \\(by ${hostname()}, \\d+s ago\\); ` +
  `for more, run koncli waitgroup status ${name} -n ${namespace}; to wait for zero all the same, give --ignore-failure\n$`;
const endedBy = (name: string, progress = '') => ({
  code: 6,
  stdout: '',
  stderr: expect.stringMatching(`^${progress}${lineFor(name)}`),
});

describe('koncli waitgroup wait', () => {
  it('ends with 6 as soon as work fails, and says what failed', async () => {
    const wait = startWait('a');
    await listen(wait)('/a counter 2');
    await fail('a');
    expect(await wait.result).toEqual(endedBy('a', 'waitgroup.konductor.io/a counter 2, added 2 \\(\\d+s\\)\n'));
  });

  it.each([
    ['while work is outstanding', '1'],
    ['after the last work has ended', '2'],
    ['by an onlooker', '0'],
  ])('ends with 6 when it begins after the failure, %s', async (_, delta) => {
    await fail('a', '--delta', delta);
    expect(await wg('wait', 'a')).toEqual(endedBy('a'));
    expect(await wg('wait', 'a', '--timeout', '0')).toEqual(endedBy('a'));
    expect(await wg('wait', 'a', '--min-added', '2', '-o', 'json')).toEqual(endedBy('a'));
  });

  it('waits for the round after the failed one', async () => {
    await fail('a', '--delta', '2');
    await wg('add', 'a');
    const wait = startWait('a');
    await listen(wait)('/a counter 1, added 3');
    await wg('done', 'a');
    expect(await wait.result).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is done, 3 added in total\n'),
    });
  });

  it('of several ends with the first failure, and says which', async () => {
    const wait = startWait('a', 'b');
    const toldWait = listen(wait);
    await Promise.all([toldWait('/a counter 2'), toldWait('/b counter 2')]);
    await fail('b');
    const { code, stdout, stderr } = await wait.result;
    expect([code, stdout]).toEqual([6, '']);
    expect(stderr).toMatch(new RegExp(`\n${lineFor('b')}`));
    const selected = await wg('wait', '-l', 'app=x');
    expect([selected.code, selected.stderr]).toEqual([6, expect.stringMatching(lineFor('b'))]);
  });

  it('of several, checking once, reports the failure first', async () => {
    await fail('b');
    const { code, stderr } = await wg('wait', 'a', 'b', '--timeout', '0');
    expect([code, stderr.split('\n')[0]]).toEqual([6, expect.stringContaining('waitgroup "b" failed')]);
  });
});

describe('koncli waitgroup wait --ignore-failure', () => {
  it('waits for zero, shows the failure, and succeeds', async () => {
    await fail('a');
    const wait = startWait('a', '--ignore-failure');
    await listen(wait)('waitgroup.konductor.io/a counter 1, added 2, failed (');
    await wg('done', 'a');
    expect(await wait.result).toMatchObject({
      code: 0,
      stdout: 'waitgroup.konductor.io/a is done, 2 added in total, but failed (DiskFull)\n',
    });
  });

  it('goes on when work fails', async () => {
    const wait = startWait('a', 'b', '--ignore-failure', '-o', 'name');
    const toldWait = listen(wait);
    await Promise.all([toldWait('/a counter 2'), toldWait('/b counter 2')]);
    await fail('a');
    await toldWait('/a counter 1, added 2, failed');
    expect(wait.process.exitCode).toBeNull();
    await fail('a');
    await wg('done', 'b', '--delta', '2');
    expect(await wait.result).toMatchObject({
      code: 0,
      stdout: 'waitgroup.konductor.io/a\nwaitgroup.konductor.io/b\n',
    });
  });

  it('checks once: 3 while work is outstanding, 0 afterwards', async () => {
    const check = () => wg('wait', 'a', '--ignore-failure', '--timeout', '0');
    await fail('a');
    expect(await check()).toMatchObject({ code: 3 });
    await fail('a');
    expect(await check()).toMatchObject({ code: 0 });
  });

  it('ends on a signal', async () => {
    await fail('a');
    const wait = startWait('a', '--ignore-failure');
    await listen(wait)('/a counter 1');
    wait.process.kill('SIGINT');
    expect(await wait.result).toMatchObject({ code: 130, stderr: expect.stringContaining('stopped by SIGINT') });
  });
});
