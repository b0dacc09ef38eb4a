// The file descriptors beyond stderr that koncli was started with (`3>log`, a job server's, an activated socket): a runtime
// passes to its children only those that it is given.
import { readdirSync, readlinkSync } from 'node:fs';

const STDERR = 2;

/**
 * To be called before koncli opens any of its own: what is open then was inherited, except the event queues of the runtime.
 * Empty on Node, which opens pipes for itself, and where there is no /proc.
 */
export function inheritedDescriptors(): readonly number[] {
  if (!('Bun' in globalThis)) return [];
  try {
    return readdirSync('/proc/self/fd').map(Number).filter(isInherited);
  } catch {
    return [];
  }
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
