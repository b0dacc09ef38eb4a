// Ends a process that was started `detached`, as the first of a process group, together with all that it has started.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Resolves when it has ended. Of `unshare --fork`, whose --kill-child does not reach a child that has changed its user, the
 * child is in the group; with it, the first of its PID namespace, all others there end, and their mounts go.
 */
export async function endGroup(leader: ChildProcess): Promise<void> {
  const { pid, exitCode, signalCode } = leader;
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  const exit = once(leader, 'exit');
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
  await exit;
}
