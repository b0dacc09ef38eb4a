// A process of its own that outlives the owner of a control plane, however that ends, and cleans up after it.
// Run as `node watchdog.ts DIRECTORY`: the owner holds the other end of its stdin, which closes when the owner is gone, and
// writes there which other processes must go with it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { kill, reap } from './data-directory.ts';
import { identify, isRunning } from './process-identity.ts';

export interface Watchdog {
  /** Ends this process too, and the group that it leads, should they outlive the owner. */
  adopt(pid: number): void;
  /** Lets it go, and waits until it has. */
  stop(): Promise<void>;
}

export function startWatchdog(directory: string): Watchdog {
  const child = spawn(process.execPath, [import.meta.filename, directory], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // Ctrl-C goes to the whole process group, of which the watchdog must be the one that stays.
    detached: true,
  });
  const exited = once(child, 'exit');
  child.unref();
  return {
    adopt(pid) {
      child.stdin?.write(`${identify(pid) ?? ''}\n`);
    },
    async stop() {
      child.ref();
      child.stdin?.end();
      await exited;
    },
  };
}

async function watch(directory: string): Promise<void> {
  const adopted = (await text(process.stdin)).split('\n').filter(isRunning);
  for (const pid of adopted.map((identity) => Number.parseInt(identity, 10)))
    for (const target of [-pid, pid]) kill(target);
  await reap(directory);
}

if (import.meta.main && process.argv[2] !== undefined) await watch(process.argv[2]);
