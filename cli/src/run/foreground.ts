// Whether koncli is in the foreground of a terminal: what is typed there goes to all processes of the foreground, so that
// the command, which is in koncli's process group, gets it without koncli's help.
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Of this process, now: a shell inside the command may take the foreground and give it back. */
export function isInForeground(): boolean {
  try {
    return isForegroundOf(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    // No Linux.
    return isatty(0);
  }
}

/** By the process's `stat` of proc_pid_stat(5): its group is the terminal's. */
export function isForegroundOf(stat: string): boolean {
  // The name in parentheses may hold anything.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return foreground !== '-1' && foreground === group;
}
