// Lists the processes of this machine with their arguments.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface CommandLine {
  readonly pid: number;
  readonly args: readonly string[];
}

export function listCommandLines(): CommandLine[] {
  return process.platform === 'linux' ? commandLinesFromProc() : commandLinesFromPs();
}

function commandLinesFromProc(): CommandLine[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => ({ pid: Number(pid), args: readCommandLine(pid) }));
}

/** Empty for a zombie and for a process that ended meanwhile. */
function readCommandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function commandLinesFromPs(): CommandLine[] {
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).trimEnd().split('\n');
  return lines.map((line) => {
    const [pid, ...args] = line.trim().split(/\s+/);
    return { pid: Number(pid), args };
  });
}
