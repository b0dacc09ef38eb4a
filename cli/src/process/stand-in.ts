// Whether a standard stream was closed when koncli was started (`>&-`): the runtimes open /dev/null in its place, to which
// all writes succeed.
import { fstatSync, readFileSync } from 'node:fs';

/** O_CLOEXEC of the 64-bit Linux ABIs: what was open before koncli was cannot have it. */
const CLOSE_ON_EXEC = 0o2000000;

/** False where that cannot be told: on Node, which sets the flag on all, and without /proc. */
export function isStandIn(fd: number): boolean {
  try {
    if (!('Bun' in globalThis) || !fstatSync(fd).isCharacterDevice()) return false;
    return hasCloseOnExec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  } catch {
    return false;
  }
}

/** `info`: as /proc/PID/fdinfo of proc_pid_fdinfo(5). */
export function hasCloseOnExec(info: string): boolean {
  const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(info) ?? [];
  return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
}
