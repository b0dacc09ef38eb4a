// A limit on the memory of a process, as a container has it.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually } from '../waiting/eventually.ts';

/** Where the two versions of cgroups keep groups of processes, and the file of the limit. */
const CGROUPS = [
  { parent: '/sys/fs/cgroup', limit: 'memory.max' },
  { parent: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
];

/** The command in a cgroup with this limit, until the end of the test; the command itself where none can be made. */
export function limitMemory(command: readonly string[], megabytes: number): readonly string[] {
  for (const { parent, limit } of CGROUPS) {
    const group = join(parent, `konductor-test-${randomBytes(4).toString('hex')}`);
    if (!tryTo(() => mkdirSync(group))) continue;
    onTestFinished(() => eventually('the removal of the cgroup', () => tryTo(() => rmdirSync(group))).then(() => {}));
    const isLimited = existsSync(join(group, limit)) && tryTo(() => writeFileSync(join(group, limit), `${megabytes}M`));
    if (isLimited) return ['/bin/sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh', ...command];
  }
  return command;
}

function tryTo(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
