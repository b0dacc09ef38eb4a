import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/root.ts';
import { resultOf } from '../support/processes/koncli-process.ts';

/** The demo as `npm start` runs it, after its preparation. */
const start = (...args: string[]) =>
  spawn('node', ['--conditions=konductor-source', 'test/demo/main.ts', ...args], { cwd: root });
const demo = (...args: string[]) => resultOf(start(...args));

async function isServing(stdout: string): Promise<boolean> {
  const server = /https:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0] ?? '';
  expect(server).not.toBe('');
  return fetch(`${server}/livez`).then(
    () => true,
    (error) => error.cause?.code !== 'ECONNREFUSED',
  );
}

describe('npm start', () => {
  it('shows a group from its first add to its deletion, and leaves nothing running', async () => {
    const { code, stdout, stderr } = await demo();
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\$ koncli doctor\n[^$]*\n\s+ok +operator +Deployment/);
    expect(stdout).toMatch(/jsonpath='\{\.status\.counter\}'\n\s+0\n/);
    expect(stdout).toMatch(/jsonpath='\{\.status\.phase\}'\n\s+Done\n/);
    expect(stdout).toMatch(/Normal\s+Completed\s+waitgroup\/batch-jobs/);
    expect(stdout).toMatch(/Normal\s+Expired\s+waitgroup\/batch-jobs/);
    expect(await isServing(stdout)).toBe(false);
  });

  it('fails when a worker dies before its done, and leaves nothing running', async () => {
    const { code, stdout, stderr } = await demo('--fault');
    expect(code).toBe(1);
    expect(stderr).toContain('worker 7 was killed (SIGKILL) before it said done');
    expect(stdout).not.toContain('All of it happened');
    expect(await isServing(stdout)).toBe(false);
  });

  it('leaves nothing running when it is killed', async () => {
    const child = start();
    const stdout = text(child.stdout);
    for await (const line of createInterface(child.stderr)) if (/counter [1-9]\b/.test(line)) child.kill('SIGKILL');
    // All that it starts write to its stdout and stderr, which therefore end with the last of them.
    expect(await stdout).not.toContain('is done');
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('rejects an argument that it does not know', async () => {
    const { code, stderr } = await demo('--kepp');
    expect(code).toBe(1);
    expect(stderr).toContain('usage: npm start');
  });
});
