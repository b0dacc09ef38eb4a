import { mkdtempSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectl } from '../../support/processes/kubectl.ts';

const controlPlane = inject('controlPlane');
let path: string;
let namespace: string;

beforeAll(() => {
  const folder = mkdtempSync(join(controlPlane.directory, 'plugin-'));
  symlinkSync(koncliPath(), join(folder, 'kubectl-konductor'));
  path = `${folder}:${dirname(controlPlane.kubectl)}:/usr/bin:/bin`;
});
beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'plugin');
  await koncli(['wg', 'create', 'batch', '--initial-count', '2', '-n', namespace], controlPlane);
});

const plugin = (...args: string[]) => kubectl(controlPlane, ['konductor', ...args], { path });

describe('koncli as a plugin of kubectl', () => {
  it('works like koncli', async () => {
    const list = ['waitgroup', 'list', '-n', namespace, '-o', 'name'];
    expect(await plugin(...list)).toEqual(await koncli(list, controlPlane));
    expect((await plugin('wg', 'done', 'batch', '-n', namespace)).stdout).toContain('counter is 1');
  });

  it('runs a command with flags', async () => {
    const command = ['/bin/sh', '-c', 'printf "%s|" "$@"', 'sh', '-n', 'x', '--', '--help'];
    const { code, stdout } = await plugin('wg', 'run', 'batch', '--no-add', '-n', namespace, '--', ...command);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '-n|x|--|--help|' });
    expect((await plugin('wg', 'get', 'batch', '-n', namespace, '-o', 'json')).stdout).toContain('"counter": 1');
  });

  it('uses the name kubectl konductor in help and advice', async () => {
    const help = await plugin('wg', 'add', '--help');
    expect(help.stdout).toMatch(/^Usage: kubectl konductor waitgroup add \[options\]/);
    expect(help.stdout).toContain('\n  kubectl konductor waitgroup add batch --delta 10');
    const usage = await plugin('wg', 'ad');
    expect(usage).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('; see kubectl konductor waitgroup --help'),
    });
    const missing = await plugin('wg', 'get', 'nope', '-n', namespace);
    expect(missing).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`, or kubectl konductor waitgroup create nope -n ${namespace}\n`),
    });
  });

  it('is found by kubectl', async () => {
    const { code, stdout } = await kubectl(controlPlane, ['plugin', 'list'], { path });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\/kubectl-konductor\n$/) });
  });
});
