// The file descriptors beyond stderr that koncli was started with (`3>log`, a job server's, an activated socket): a runtime
// hands on to its children only those that it is told of.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const STDERR = 2;

/** Which of them a command is given. */
export interface Descriptors {
  readonly passedOn: readonly number[];
  /** Opened before `ulimit -n` was lowered: the system gives no new process a descriptor beyond its limit. */
  readonly beyondLimit: readonly number[];
}

/**
 * To be asked before koncli opens any of its own: what is open then was inherited, but for the event queues of the runtime.
 * None on Node, which opens pipes for itself, and where there is no /proc.
 */
export function inheritedDescriptors(): Descriptors {
  if (!('Bun' in globalThis)) return { passedOn: [], beyondLimit: [] };
  try {
    const inherited = readdirSync('/proc/self/fd').map(Number).filter(isInherited);
    return sortByLimit(inherited, inherited.length > 0 ? readFileSync('/proc/self/limits', 'utf8') : '');
  } catch {
    return { passedOn: [], beyondLimit: [] };
  }
}

/** `limits`: as in proc_pid_limits(5). */
export function sortByLimit(inherited: readonly number[], limits: string): Descriptors {
  const limit = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return {
    passedOn: inherited.filter((descriptor) => descriptor < limit),
    beyondLimit: inherited.filter((descriptor) => descriptor >= limit),
  };
}

function isInherited(descriptor: number): boolean {
  if (descriptor <= STDERR) return false;
  try {
    return !readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('anon_inode:');
  } catch {
    // That of the listing itself.
    return false;
  }
}
