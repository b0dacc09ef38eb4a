import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import { restrictedKubeconfig } from '../../support/cluster/client-access.ts';
import type { PolicyRule } from '../../support/cluster/permissions.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { COUNTED, KoncliRuns, STAYS } from './runs.ts';

const controlPlane = inject('controlPlane');
let runs: KoncliRuns;

beforeAll(async () => {
  runs = await KoncliRuns.create(controlPlane);
});

describe('koncli waitgroup run, counting', () => {
  it('adds before the command and marks the work done after it', async () => {
    const group = await runs.newGroup();
    const command = `"$0" wg get ${group} -o json`;
    const { stdout, ...rest } = await runs.run([group, '--', 'sh', '-c', command, koncliPath()]);
    expect(rest).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout).status).toMatchObject(STAYS);
    expect(await runs.statusOf(group)).toMatchObject(COUNTED);
  });

  it('reads the name from the environment', async () => {
    const group = await runs.newGroup();
    const { code } = await runs.run(['--', 'true'], { env: { KONDUCTOR_WAITGROUP: group } });
    expect([code, await runs.statusOf(group)]).toEqual([0, expect.objectContaining(COUNTED)]);
  });

  it('does not add with --no-add', async () => {
    const group = await runs.newGroup();
    await runs.koncli('add', group);
    expect(await runs.run([group, '--no-add', '--', 'true'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await runs.statusOf(group)).toMatchObject(COUNTED);
  });

  it('leaves the work outstanding when the command fails, and prints the command that abandons it', async () => {
    const group = await runs.newGroup();
    const { stderr, ...rest } = await runs.run([group, '--', 'sh', '-c', 'echo out; exit 3']);
    expect(rest).toEqual({ code: 3, stdout: 'out\n' });
    const [, doneCommand = ''] =
      /^koncli: the command exited with code 3; .* to abandon it: koncli (.*)\n$/.exec(stderr) ?? [];
    expect(await runs.statusOf(group)).toMatchObject(STAYS);
    expect(await koncli(doneCommand.split(' '), controlPlane)).toMatchObject({ code: 0 });
    expect(await runs.statusOf(group)).toMatchObject(COUNTED);
  });

  it.each([
    ['', []],
    [', whoever added', ['--no-add']],
  ])('does not change a WaitGroup that was recreated while the command ran%s', async (_, flags) => {
    const group = await runs.newGroup();
    const remake = `"$0" wg delete ${group} && "$0" wg create ${group} --initial-count 1`;
    expect(await runs.run([group, ...flags, '--', 'sh', '-c', remake, koncliPath()])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^koncli: the command succeeded, but marking the work done failed: .*recreated[^\n]*\n$/,
      ),
    });
    expect(await runs.statusOf(group)).not.toMatchObject({ counter: 0 });
    expect(await runs.koncli('wait', group, '--timeout', '0')).toMatchObject({ code: 3 });
  });

  it('reports a successful command whose work cannot be marked done', async () => {
    const group = await runs.newGroup();
    expect(await runs.run([group, '--no-add', '--', 'true'])).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^koncli: the command succeeded, but marking the work done failed: .*below zero; nothing was changed[^\n]*\n$/,
      ),
    });
  });

  it.each([
    ['', []],
    [', whoever was to add', ['--no-add']],
  ])('runs nothing when the WaitGroup does not exist%s', async (_, flags) => {
    const result = await runs.run(['other', ...flags, '--', 'touch', runs.fileAt('ran')]);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringMatching(/^koncli: waitgroup "other" not found/) });
    expect(runs.isThere('ran')).toBe(false);
  });

  it('needs only the permissions to read the WaitGroup and to update its status', async () => {
    const group = await runs.newGroup();
    const apiGroups = ['konductor.io'];
    const kubeconfig = await restrictedKubeconfig(controlPlane, {
      namespace: runs.namespace,
      rules: [
        { apiGroups, resources: ['waitgroups'], resourceNames: [group], verbs: ['get'] },
        { apiGroups, resources: ['waitgroups/status'], resourceNames: [group], verbs: ['update'] },
      ],
    });
    expect((await runs.run([group, '--', 'true'], { env: { KUBECONFIG: kubeconfig } })).code).toBe(0);
    expect(await runs.statusOf(group)).toMatchObject(COUNTED);
  });

  it.each<[string, PolicyRule[]]>([
    ['to read the group', []],
    ['to write its status', [{ apiGroups: ['konductor.io'], resources: ['waitgroups'], verbs: ['get'] }]],
  ])('runs nothing without the permission %s', async (right, rules) => {
    const name = right.replaceAll(' ', '-');
    const kubeconfig = await restrictedKubeconfig(controlPlane, { namespace: runs.namespace, rules, name });
    const before = await runs.statusOf('batch');
    const work = ['batch', '--no-add', '--', 'touch', runs.fileAt('ran')];
    const { code, stderr } = await runs.run(work, { env: { KUBECONFIG: kubeconfig } });
    expect([code, stderr]).toEqual([4, expect.stringContaining('grant all that run needs with ')]);
    expect([runs.isThere('ran'), await runs.statusOf('batch')]).toEqual([false, before]);
  });

  it('works the same on Node', async () => {
    const group = await runs.newGroup();
    const main = join(root, 'cli/src/main.ts');
    const onNode = (...command: string[]) =>
      runs.run([group, '--', ...command], { program: [process.execPath, '--conditions=konductor-source', main] });
    expect(await onNode('sh', '-c', 'echo $0', 'out')).toEqual({ code: 0, stdout: 'out\n', stderr: '' });
    expect(await runs.statusOf(group)).toMatchObject(COUNTED);
    expect(await onNode('sh', '-c', 'kill -9 $$')).toMatchObject({
      code: 137,
      stderr: expect.stringContaining('was killed by signal SIGKILL'),
    });
  });
});
