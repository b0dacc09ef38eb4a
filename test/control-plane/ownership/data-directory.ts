// The directory of one control plane, named after its owner, so that the files of a dead owner are found and removed.
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listCommandLines } from '../servers/command-lines.ts';
import { identifySelf, isRunning } from './process-identity.ts';

const PREFIX = 'konductor-control-plane-';
const SERVERS = ['kube-controller-manager', 'kube-apiserver', 'etcd'];
const POLL_MS = 20;

export function createDataDirectory(): string {
  return mkdtempSync(join(tmpdir(), `${PREFIX}${identifySelf()}-`));
}

/** Ends and removes what control planes left whose owner was killed together with its watchdog. */
export async function reapStaleDirectories(): Promise<void> {
  for (const directory of listOwnDirectories()) {
    const owner = basename(directory).slice(PREFIX.length).split('-').slice(0, 2).join('-');
    if (!isRunning(owner)) await reap(directory);
  }
}

/** Kills the servers that run on this directory, wherever they come from, and removes it: its data is of no more use. */
export async function reap(directory: string): Promise<void> {
  for (let pids = findServers(directory); pids.length > 0; pids = findServers(directory)) {
    for (const pid of pids) kill(pid);
    await sleep(POLL_MS);
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

function listOwnDirectories(): string[] {
  return readdirSync(tmpdir())
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(tmpdir(), name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.());
}

/** Found by their arguments, which hold the random name: no record of pids that could be lost or outdated. */
function findServers(directory: string): number[] {
  return listCommandLines()
    .filter(({ args: [command = '', ...rest] }) => SERVERS.includes(basename(command)) && mentions(rest, directory))
    .map(({ pid }) => pid);
}

function mentions(args: readonly string[], directory: string): boolean {
  return args.some((arg) => arg.includes(`${directory}/`) || arg.endsWith(directory));
}

/** A negative pid is a process group's; that there is none is what was wanted. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
