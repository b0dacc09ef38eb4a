// Reads from an executable which target it is compiled for, and checks whether it runs on this machine.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { interpreterOf, isElf, machineOf } from './elf.ts';
import { type Target, targets } from './executables.ts';

const ELF_MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };
const MACH_O_64 = 0xfeedfacf;
const MACH_O_MACHINES: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };

/** Absent: none of koncli's targets. */
export function targetOf(file: Buffer): Target | undefined {
  const name = isElf(file) ? linuxTarget(file) : darwinTarget(file);
  return targets.find((target) => target === name);
}

/** Throws unless the file is compiled for this target, and runs if this machine is one. Returns what was found. */
export function verifyTarget(path: string, target: Target): string {
  const found = targetOf(readFileSync(path));
  if (found !== target) throw new Error(`${path} is made for ${found ?? 'another kind of machine'}, not for ${target}`);
  const version = basename(path).startsWith('koncli') ? 'version' : '--version';
  const { status, stdout } = spawnSync(path, [version], { encoding: 'utf8' });
  if (status === 0) return `runs: ${stdout.trim()}`;
  if (target === targetOf(readFileSync(process.execPath))) throw new Error(`${path} does not run on this machine`);
  return `is made for ${target}; unverified beyond that, as this machine cannot run it`;
}

function linuxTarget(file: Buffer): string {
  const libc = interpreterOf(file)?.includes('/ld-musl-') ? '-musl' : '';
  return `linux-${ELF_MACHINES[machineOf(file)]}${libc}`;
}

function darwinTarget(file: Buffer): string | undefined {
  return file.readUInt32LE(0) === MACH_O_64 ? `darwin-${MACH_O_MACHINES[file.readUInt32LE(4)]}` : undefined;
}
