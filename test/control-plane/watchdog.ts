// A process of its own that outlives the owner of a control plane, however that ends, and cleans up after it.
// Run as `node watchdog.ts DIRECTORY`: the owner holds the other end of its stdin, which closes when the owner is gone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { reap } from './data-directory.ts';

export interface Watchdog {
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
    async stop() {
      child.ref();
      child.stdin?.end();
      await exited;
    },
  };
}

async function watch(directory: string): Promise<void> {
  process.stdin.resume();
  await once(process.stdin, 'close');
  await reap(directory);
}

if (import.meta.main && process.argv[2] !== undefined) await watch(process.argv[2]);
