import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, inject, it } from 'vitest';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { listCommandLines } from '../servers/command-lines.ts';
import { reapStaleDirectories } from './data-directory.ts';

const MAIN = join(import.meta.dirname, '../main.ts');

const processesOf = (directory: string) => listCommandLines().filter(({ args }) => args.join(' ').includes(directory));

/** Its processes, and the directory itself. */
const remainsOf = (directory: string) => [...processesOf(directory), ...(existsSync(directory) ? [directory] : [])];

let main: Awaited<ReturnType<typeof runMain>> | undefined;
afterEach(() => main?.child.kill('SIGKILL'));

/** Runs `npm run control-plane` without npm until it has said what to export. */
async function runMain() {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text) => said.push(text));
  const exported: Record<string, string> = {};
  for await (const line of createInterface(child.stdout)) {
    const [, name = '', value = ''] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    exported[name] = value;
    if (name === 'PATH') break;
  }
  const { KUBECONFIG: kubeconfig = '', PATH: path = '' } = exported;
  const kubectl = join(path.replace(/:.*/, ''), 'kubectl');
  return { child, said, kubeconfig, kubectl, directory: dirname(kubeconfig) };
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'serves what it exports until %s, then leaves nothing and exits with 0',
  async (signal) => {
    main = await runMain();
    const { child, said, directory } = main;
    await kubectlOutput(main, ['get', 'namespace', 'default']);
    const exit = once(child, 'exit');
    child.kill(signal);
    await eventually('the begin of the stop', () => said.join('').includes('stopping'));
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
    expect(remainsOf(directory)).toEqual([]);
  },
);

it('rejects an argument that it does not know in one line', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, '--nope'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^control-plane: .*'--nope'.*; usage: npm run control-plane.*\n$/);
});

it('exits with 130 and leaves nothing when it is interrupted as it starts', async () => {
  const child = spawn(process.execPath, [MAIN], { stdio: 'ignore' });
  const directory = await eventually('its etcd', () => directoryOf(child.pid));
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  expect(await exit).toEqual([130, null]);
  expect(remainsOf(directory)).toEqual([]);
});

it('leaves nothing when it is killed', async () => {
  const { directory, child } = await runMain();
  child.kill('SIGKILL');
  await eventually('the clean-up', () => remainsOf(directory).length === 0);
});

it('leaves nothing that the next start does not clear when it is killed with its watchdog', async () => {
  const { directory, child } = await runMain();
  const watchdog = processesOf(directory).find(({ args }) => args.some((arg) => arg.endsWith('watchdog.ts')));
  process.kill(watchdog?.pid ?? 0, 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(processesOf(directory).length).toBeGreaterThan(0);

  await reapStaleDirectories();
  expect(remainsOf(directory)).toEqual([]);
});

it('leaves the control planes of others that live alone', async () => {
  await reapStaleDirectories();
  expect(await kubectl(inject('controlPlane'), ['get', '--raw', '/readyz'])).toMatchObject({ code: 0, stdout: 'ok' });
});

/** Known once its etcd runs. */
function directoryOf(pid: number | undefined): string | undefined {
  const name = new RegExp(`--data-dir=(.*/konductor-control-plane-${pid}-[^/]*)/etcd`);
  const lines = listCommandLines().map(({ args }) => name.exec(args.join(' '))?.[1]);
  return lines.find((directory) => directory !== undefined);
}
