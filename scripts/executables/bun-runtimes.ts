// Bun's own executable for each target, which compiled programs are made of: the npm packages that the lockfile pins.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root } from '../root.ts';
import type { Target } from './executables.ts';

/** Its path in the project's cache; npm downloads it (about 40 MB) when it is missing. */
export function bunRuntime(target: Target): string {
  const name = `bun-${target.replace('arm64', 'aarch64')}`;
  const { version, integrity } = lockedPackage(`@oven/${name}`);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'konductor', 'bun');
  const directory = join(cache, `${name}-${version}`);
  const runtime = join(directory, 'package', 'bin', 'bun');
  if (existsSync(runtime)) return runtime;
  console.error(`konductor: fetching @oven/${name} ...`);
  mkdirSync(cache, { recursive: true });
  const unfinished = mkdtempSync(join(cache, '.fetching-'));
  try {
    unpack({ spec: `@oven/${name}@${version}`, integrity, into: unfinished });
    if (!existsSync(runtime)) renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return runtime;
}

function lockedPackage(name: string): { readonly version: string; readonly integrity: string } {
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`];
  if (!locked) throw new Error(`package-lock.json does not hold ${name}`);
  return locked;
}

/** npm uses the user's registry and proxy; the download is checked against the lockfile here. */
function unpack({ spec, integrity, into }: { spec: string; integrity: string; into: string }): void {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', into, spec], { encoding: 'utf8' });
  const archive = join(into, packed.trim());
  const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (digest !== integrity) throw new Error(`${spec} is ${digest}, package-lock.json says ${integrity}`);
  execFileSync('tar', ['-xzf', archive, '-C', into]);
  rmSync(archive);
}
