// The file descriptors beyond stderr that koncli was started with (`3>log`, a job server, an activated socket): the runtime
// passes on only those that are listed explicitly.
import { readdirSync, readlinkSync } from 'node:fs';

const STDERR = 2;

/**
 * Must be called before koncli opens any: those open by then were inherited, except the event queues of the runtime.
 * Empty on Node, which opens pipes of its own, and without /proc.
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
    // The descriptor of the listing itself.
    return false;
  }
}
