// Tells whether koncli is in the foreground of a terminal. The terminal sends its signals to all foreground processes, so the
// command, which is in koncli's process group, receives them without koncli.
import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Reads the current state: a shell inside the command may take the foreground and give it back. */
export function isInForeground(): boolean {
  try {
    return isForegroundOf(readFileSync('/proc/self/stat', 'utf8'));
  } catch {
    // Not Linux.
    return isatty(0);
  }
}

/** `stat`: that of proc_pid_stat(5). Whether the process group is the terminal's. */
export function isForegroundOf(stat: string): boolean {
  // The name in parentheses may contain anything.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return foreground !== '-1' && foreground === group;
}
