// What a running process holds and has used, as /proc reports it, so on Linux only.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessState {
  readonly rssMegabytes: number;
  readonly openFiles: number;
  /** The number of open sockets. */
  readonly sockets: number;
  readonly cpuSeconds: number;
}

/** USER_HZ, the unit of /proc/PID/stat: 100 on every Linux that Node and Bun run on. */
const TICKS_PER_SECOND = 100;

export function processState(pid: number): ProcessState {
  const files = readdirSync(`/proc/${pid}/fd`);
  const sockets = files.filter((file) => targetOf(pid, file).startsWith('socket:')).length;
  return { rssMegabytes: rssMegabytes(pid), openFiles: files.length, sockets, cpuSeconds: cpuSeconds(pid) };
}

export function rssMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** The most memory that it has had at once; 0 where there is no /proc, or no such process. */
export function peakMegabytes(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function cpuSeconds(pid: number): number {
  // The name, in parentheses, can contain anything; utime and stime are the 14th and 15th field.
  const [, fields = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [utime, stime] = fields.split(' ').slice(11, 13);
  return (Number(utime) + Number(stime)) / TICKS_PER_SECOND;
}

function targetOf(pid: number, file: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${file}`);
  } catch {
    // Closed meanwhile.
    return '';
  }
}
