import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { withLock } from '../../scripts/lock.mjs';
import { root } from '../../scripts/root.ts';

let path: string;
beforeEach(({ task }) => {
  path = `${process.pid}-${task.id}`;
});

/** A process that holds the lock until it is killed. */
async function startOwner() {
  const source = `import { withLock } from '${join(root, 'scripts/lock.mjs')}';
    await withLock('${path}', {}, () => new Promise(() => console.log('locked')));`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', source]);
  await once(owner.stdout, 'data');
  return owner;
}

/** Runs several actions at a time; returns how many were running when each began. */
async function contend(): Promise<number[]> {
  let running = 0;
  const overlaps: number[] = [];
  const action = async () => {
    overlaps.push(++running);
    await new Promise(setImmediate);
    running--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(path, {}, action)));
  return overlaps;
}

it('lets one action run at a time', async () => {
  expect(await contend()).toEqual([1, 1, 1, 1, 1]);
});

it('is free again after an action that failed', async () => {
  await expect(withLock(path, {}, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(withLock(path, {}, async () => 'done')).resolves.toBe('done');
});

it.each([
  ['while others wait for it', (kill: () => void) => setImmediate(kill)],
  ['before others ask for it', (kill: () => void) => kill()],
])('takes over, one at a time, from a process that was killed %s', async (_, kill) => {
  const owner = await startOwner();
  kill(() => owner.kill('SIGKILL'));
  expect(await contend()).toEqual([1, 1, 1, 1, 1]);
});

it('reports once which process it waits for, and gives up when aborted', async () => {
  const owner = await startOwner();
  const waitedFor: number[] = [];
  const controller = new AbortController();
  const onWait = (pid: number) => {
    waitedFor.push(pid);
    controller.abort();
  };
  const waiting = withLock(path, { onWait, signal: controller.signal }, async () => 'done');
  await expect(waiting).rejects.toThrow('aborted');
  owner.kill('SIGKILL');
  expect(waitedFor).toEqual([owner.pid]);
});
