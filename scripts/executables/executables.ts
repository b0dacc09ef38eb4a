// Which executables there are, what each is compiled from and for, and whether one is older than that.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

export interface Executable {
  readonly name: 'koncli' | 'konductor-operator';
  /** Relative to the root, as all paths here. */
  readonly entry: string;
  readonly path: string;
  /** Workspaces whose sources are compiled in. */
  readonly workspaces: readonly string[];
  /** What Bun compiles it to: docs/decisions/0003. */
  readonly formatFlags: readonly string[];
}

/** Where koncli can run, named as Bun names it. Without `musl`, Linux means glibc. */
export const targets = [
  'linux-x64',
  'linux-x64-musl',
  'linux-arm64',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
] as const;
export type Target = (typeof targets)[number];

export const koncliExecutable: Executable = {
  name: 'koncli',
  entry: 'cli/src/main.ts',
  path: 'cli/dist/koncli',
  workspaces: ['schema', 'client', 'cli'],
  // A command is over before code that the JIT compiles would pay: docs/decisions/0013.
  formatFlags: ['--splitting', '--format=esm', '--compile-jit-policy=1000'],
};

/** The executables of this machine, which the tests run. */
export const executables: readonly Executable[] = [
  koncliExecutable,
  {
    name: 'konductor-operator',
    entry: 'operator/src/main.ts',
    path: 'operator/dist/konductor-operator',
    workspaces: ['schema', 'client', 'operator'],
    formatFlags: ['--format=cjs'],
  },
];

/** koncli for one of its targets, which may be this machine's own. */
export function koncliFor(target: Target): Executable {
  return { ...koncliExecutable, path: `${koncliExecutable.path}-${target}` };
}

/** Beside the executable: the digest of what it was compiled from. By content, because git sets times as it likes. */
export function digestPath({ path }: Executable): string {
  return `${path}.inputs`;
}

/** SHA-256 over the names and contents of all sources and the lockfile. */
export function inputsDigest({ workspaces }: Executable): string {
  const sources = workspaces.flatMap((workspace) => globSync(`${workspace}/{package.json,src/**/*.ts}`, { cwd: root }));
  const hash = createHash('sha256');
  const others = ['package-lock.json', 'scripts/executables/compile.ts', 'scripts/executables/executables.ts'];
  for (const file of [...sources.sort(), ...others])
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

/** Whether the executable is missing or was compiled from other sources than these. */
export function isStale(executable: Executable): boolean {
  const recorded = join(root, digestPath(executable));
  if (!existsSync(join(root, executable.path)) || !existsSync(recorded)) return true;
  return readFileSync(recorded, 'utf8') !== inputsDigest(executable);
}
