// Names a running process so that a later one with the same pid is not mistaken for it.
// What is remembered under such a name (a lock, a data directory) is for others to decide.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The pid and the start time of a process, `<pid>-<start>`; undefined when it does not run. */
export function identify(pid: number): string | undefined {
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : `${pid}-${startedAt}`;
}

/** The identity of this very process. */
export function identifySelf(): string {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('This process cannot see itself: is /proc mounted?');
  return identity;
}

/** Whether the process that was once identified so still runs; a zombie does not. */
export function isRunning(identity: string): boolean {
  return identify(Number.parseInt(identity, 10)) === identity;
}

function startFromProc(pid: number): string | undefined {
  const stat = readStat(pid);
  // The command stands in parentheses and may itself hold spaces and parentheses: proc_pid_stat(5).
  const [state, ...rest] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  return state === undefined || 'ZX'.includes(state) ? undefined : rest[18];
}

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, encoding: 'utf8' }).trim();
    const start = Date.parse(line.replace(/^\S+\s+/, ''));
    return line.startsWith('Z') || Number.isNaN(start) ? undefined : String(start);
  } catch {
    return undefined;
  }
}
