// A lock between processes that a crash cannot leave behind: it names its owner, and a dead owner's is taken over.
import { mkdir, readlink, rename, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifySelf, isRunning } from './process-identity.ts';

const POLL_MS = 100;

export interface LockOptions {
  /** Called once when somebody else holds the lock, with that process's pid. */
  readonly onWait?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs the action while no other process that asks for the same path runs its own. */
export async function withLock<T>(path: string, options: LockOptions, action: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  await acquire(path, options);
  try {
    return await action();
  } finally {
    await release(path);
  }
}

async function acquire(path: string, { onWait, signal }: LockOptions): Promise<void> {
  let hasWaited = false;
  while (!(await tryAcquire(path))) {
    const owner = await readOwner(path);
    if (owner === undefined) continue;
    if (!isRunning(owner)) {
      await removeStale(path, owner);
      continue;
    }
    if (!hasWaited) onWait?.(Number.parseInt(owner, 10));
    hasWaited = true;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** A symbolic link, because creating one is atomic and carries its content: no reader ever sees a lock without owner. */
async function tryAcquire(path: string): Promise<boolean> {
  try {
    await symlink(identifySelf(), path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<string | undefined> {
  return readlink(path).catch(() => undefined);
}

/**
 * Renaming lets one of several takers win. A taker that was overtaken meanwhile may hold a fresh lock in its hand and
 * puts it back; in the instant between, a third could lock too, and then two builds run, which does no harm.
 */
async function removeStale(path: string, owner: string): Promise<void> {
  const aside = `${path}.${identifySelf()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readOwner(aside);
  if (taken !== undefined && taken !== owner) await symlink(taken, path).catch(() => undefined);
  await unlink(aside);
}

async function release(path: string): Promise<void> {
  if ((await readOwner(path)) === identifySelf()) await unlink(path);
}
