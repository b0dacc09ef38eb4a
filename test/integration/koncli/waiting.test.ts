import { beforeEach, describe, expect, inject, it } from 'vitest';
import { auditEvents } from '../../support/cluster/audit.ts';
import { restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { listen } from '../../support/processes/koncli-fixtures.ts';
import { koncli, startKoncli } from '../../support/processes/koncli-process.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'waiting');
});

const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const startWait = (...args: string[]) => startKoncli(['wg', 'wait', ...args, '-n', namespace], controlPlane);

describe('koncli waitgroup wait, for several groups', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b']) await wg('create', name, '--initial-count', '1', '--label', 'app=x');
    await wg('create', 'c', '--initial-count', '1');
  });

  it('ends when each is done', async () => {
    const wait = startWait('b', 'a', 'b');
    const toldWait = listen(wait);
    await Promise.all([toldWait('/a counter 1'), toldWait('/b counter 1')]);
    await wg('done', 'a');
    await toldWait('/a counter 0');
    expect(wait.process.exitCode).toBeNull();
    await wg('done', 'b');
    expect(await wait.result).toMatchObject({
      code: 0,
      stdout:
        'waitgroup.konductor.io/b is done, 1 added in total\nwaitgroup.konductor.io/a is done, 1 added in total\n',
    });
  });

  it('ends with the error of the first that fails', async () => {
    const wait = startWait('a', 'b');
    const toldWait = listen(wait);
    await Promise.all([toldWait('/a counter 1'), toldWait('/b counter 1')]);
    await wg('delete', 'b');
    const { code, stdout, stderr } = await wait.result;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/\nkoncli: waitgroup "b" in namespace .* was deleted; its last counter was 1\n$/);
  });

  it('selects them by labels', async () => {
    const wait = startWait('-l', 'app=x', '-o', 'name');
    const toldWait = listen(wait);
    await Promise.all([toldWait('/a counter 1'), toldWait('/b counter 1')]);
    for (const name of ['a', 'b']) await wg('done', name);
    expect(await wait.result).toMatchObject({
      code: 0,
      stdout: 'waitgroup.konductor.io/a\nwaitgroup.konductor.io/b\n',
    });
  });

  it('waits for the first that matches, and then for those that match at that time', async () => {
    const wait = startWait('-l', 'app=late', '-o', 'name');
    const toldWait = listen(wait);
    await toldWait('no waitgroup matches app=late yet\n');
    await wg('create', 'first', '--initial-count', '1', '--label', 'app=late');
    await toldWait('waiting for all that match app=late now: 1\n');
    await wg('create', 'second', '--initial-count', '1', '--label', 'app=late');
    await wg('done', 'first');
    expect(await wait.result).toMatchObject({ code: 0, stdout: 'waitgroup.konductor.io/first\n' });
  });

  it.each([
    ['--appear-timeout', ['--appear-timeout', '100ms'], 'no waitgroup matches app=nope yet\n'],
    ['--timeout', ['--timeout', '5s'], 'no waitgroup matches app=nope yet\n'],
    ['a single check', ['--timeout', '0'], ''],
  ])('exits with 2 when none matches the labels within %s', async (_, limit, progress) => {
    expect(await wg('wait', '-l', 'app=nope', ...limit)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${progress}koncli: no waitgroup in namespace "${namespace}" matches the selector "app=nope": to list all, run koncli waitgroup list -n ${namespace}\n`,
    });
  });

  it('reports the progress of each that is not done in time', async () => {
    await wg('done', 'c');
    await wg('add', 'b', '--delta', '6');
    await withEnoughTime(async ({ text }) => {
      const { code, stdout, stderr } = await wg('wait', 'a', 'b', 'c', '--timeout', text);
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr.split('\n').filter((line) => line.startsWith('koncli: '))).toEqual([
        `koncli: waitgroup "a" is not done after ${text}: the counter is 1; to see why, run koncli waitgroup status a -n ${namespace}`,
        `koncli: waitgroup "b" is not done after ${text}: the counter is 7; to see why, run koncli waitgroup status b -n ${namespace}`,
      ]);
    });
  });

  it('reports the time limit as it was given, selection included', async () => {
    await withEnoughTime(async ({ text }) => {
      const { code, stderr } = await wg('wait', '-l', 'app=x', '--timeout', text);
      expect(code).toBe(3);
      expect(stderr).toMatch(
        new RegExp(`\nkoncli: waitgroup "[ab]" is not done after ${text}: the counter is 1; to see why, run .*\n$`),
      );
    });
  });
});

describe('koncli waitgroup wait', () => {
  it('ends at once when no work was added', async () => {
    await wg('create', 'idle');
    expect(await wg('wait', 'idle')).toMatchObject({
      code: 0,
      stdout: 'waitgroup.konductor.io/idle is done, no work was added\n',
      stderr: expect.stringContaining(
        'koncli: nothing was ever added to waitgroup "idle", so it is done: to wait for work that is added later, give --min-added\n',
      ),
    });
  });

  it.each([
    ['work was added', ['used']],
    ['--min-added says that none is expected', ['idle', '--min-added', '0']],
  ])('does not warn when %s', async (_, args) => {
    await wg('create', 'idle');
    await wg('create', 'used');
    await wg('add', 'used');
    await wg('done', 'used');
    const { code, stderr } = await wg('wait', ...args);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('koncli: ')]);
  });

  it('waits for a WaitGroup that has not been created yet, up to a limit', async () => {
    const wait = startWait('late');
    const toldWait = listen(wait);
    await toldWait('/late not yet created');
    await wg('create', 'late', '--initial-count', '1');
    await toldWait('/late counter 1');
    await wg('done', 'late');
    expect((await wait.result).code).toBe(0);
    const { code, stderr } = await wg('wait', 'never', '--appear-timeout', '100ms');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /\nkoncli: waitgroup "never" not found in namespace .*: if the namespace is right, run koncli waitgroup status never .* or koncli waitgroup create never/,
    );
  });

  it('exits with 2 when its timeout expires before the WaitGroup exists', async () => {
    await withEnoughTime(async ({ text }) => {
      const { code, stderr } = await wg('wait', 'never', '--timeout', text);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          `\nkoncli: waitgroup "never" not found in namespace "[^"]*" after ${text}: if the namespace`,
        ),
      ]);
    });
  });

  it('warns at once of a namespace that does not exist', async () => {
    const wait = startKoncli(['wg', 'wait', 'x', '-n', 'typo'], controlPlane);
    await listen(wait)('koncli: namespace "typo" not found; still waiting\n');
    wait.process.kill();
    expect((await wait.result).code).toBe(143);
  });

  it('is not done before --min-added were added', async () => {
    await wg('create', 'late');
    const wait = startWait('late', '--min-added', '2');
    const toldWait = listen(wait);
    await toldWait('/late counter 0, added 0');
    await wg('add', 'late');
    await wg('done', 'late');
    await toldWait('/late counter 0, added 1');
    await wg('add', 'late');
    await toldWait('/late counter 1, added 2');
    expect(wait.process.exitCode).toBeNull();
    await wg('done', 'late');
    expect(await wait.result).toMatchObject({
      code: 0,
      stdout: 'waitgroup.konductor.io/late is done, 2 added in total\n',
    });
  });

  it('checks once with a timeout of zero', async () => {
    await wg('create', 'done');
    await wg('create', 'busy', '--initial-count', '1');
    expect(await wg('wait', 'done', '--timeout', '0')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/counter 0/),
    });
    expect(await wg('wait', 'busy', '--timeout', '0')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^koncli: [^\n]*\n$/),
    });
    expect(await wg('wait', 'nope', '--timeout', '0')).toMatchObject({ code: 2 });
    await wg('create', 'labelled', '--initial-count', '1', '--label', 'app=x');
    expect(await wg('wait', '-l', 'app=x', '--timeout', '0')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('koncli: waitgroup "labelled" is not done: the counter is 1; to see why, run '),
    });
  });

  it('accepts limits that are longer than a timer allows', async () => {
    const wait = startWait('late', '--timeout', '720h', '--appear-timeout', '9600h');
    const toldWait = listen(wait);
    await toldWait('/late not yet created');
    await wg('create', 'late', '--initial-count', '1');
    await toldWait('/late counter 1');
    await wg('done', 'late');
    expect(await wait.result).toMatchObject({ code: 0 });
  });

  it('wakes every waiting process', async () => {
    await wg('create', 'group', '--initial-count', '1');
    const waits = Array.from({ length: 8 }, () => startWait('group'));
    await Promise.all(waits.map((wait) => listen(wait)('counter 1')));
    await wg('done', 'group');
    const results = await Promise.all(waits.map(({ result }) => result));
    expect(results.map(({ code }) => code)).toEqual(Array(8).fill(0));
  });

  it('reads its limit from the environment', async () => {
    await wg('create', 'busy', '--initial-count', '1');
    await withEnoughTime(async ({ text }) => {
      const env = { KONDUCTOR_TIMEOUT: text };
      const { code, stderr } = await koncli(['wg', 'wait', 'busy', '-n', namespace], { ...controlPlane, env });
      expect([code, stderr]).toEqual([3, expect.stringContaining(`is not done after ${text}`)]);
    });
  });

  it('sends one list and one watch, however long it takes', async () => {
    for (const name of ['busy', 'other']) await wg('create', name, '--initial-count', '1');
    const kubeconfig = await restrictedKubeconfig(controlPlane, {
      namespace,
      rules: workerRules('busy'),
      name: 'waiter',
    });
    const wait = startKoncli(['wg', 'wait', 'busy'], { kubeconfig });
    const toldWait = listen(wait);
    await toldWait('/busy counter 1');
    for (let count = 0; count < 20; count++) await wg('add', 'other');
    await wg('done', 'busy');
    expect((await wait.result).code).toBe(0);
    const username = `system:serviceaccount:${namespace}:waiter`;
    const events = await eventually('the end of the watch', async () => {
      const ended = await auditEvents(controlPlane, { username, stage: 'ResponseComplete' });
      return ended.some(({ verb }) => verb === 'watch') && ended;
    });
    expect(events.map(({ verb }) => verb).sort()).toEqual(['list', 'watch']);
    expect(events[0]?.userAgent).toMatch(/^koncli\/\d/);
  });
});
