import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withLock } from './lock.ts';
import { identify, identifySelf } from './process-identity.ts';

let directory: string;
let lock: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'konductor-lock-'));
  lock = join(directory, 'the.lock');
});
afterEach(() => rmSync(directory, { recursive: true }));

it('lets one action run at a time, and leaves nothing behind', async () => {
  let running = 0;
  const overlaps: number[] = [];
  const action = async () => {
    overlaps.push(++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(lock, {}, action)));
  expect(overlaps).toEqual([1, 1, 1, 1, 1]);
  expect(readdirSync(directory)).toEqual([]);
});

it('is free again after an action that failed', async () => {
  await expect(withLock(lock, {}, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(withLock(lock, {}, async () => 'done')).resolves.toBe('done');
});

it('takes over from a process that died', async () => {
  symlinkSync(await identityOfDeadProcess(), lock);
  await expect(withLock(lock, {}, async () => 'done')).resolves.toBe('done');
  expect(readdirSync(directory)).toEqual([]);
});

it('takes over when another process has the pid of the owner now', async () => {
  symlinkSync(`${process.pid}-1`, lock);
  await expect(withLock(lock, {}, async () => 'done')).resolves.toBe('done');
});

it('waits for a running process, reports that once, and gives up when aborted', async () => {
  symlinkSync(identifySelf(), lock);
  const waitedFor: number[] = [];
  const options = { onWait: (pid: number) => waitedFor.push(pid), signal: AbortSignal.timeout(500) };
  await expect(withLock(lock, options, async () => 'done')).rejects.toThrow('aborted');
  expect(waitedFor).toEqual([process.pid]);
});

async function identityOfDeadProcess(): Promise<string> {
  const child = spawn('sleep', ['60']);
  const identity = identify(child.pid ?? 0);
  child.kill();
  await once(child, 'exit');
  expect(identity).toMatch(/^\d+-\d+$/);
  return identity ?? '';
}
