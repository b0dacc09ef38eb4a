// The executables of the project: their sources, their targets, and whether one is out of date.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.ts';

export interface Executable {
  readonly name: 'koncli' | 'konductor-operator';
  /** A path relative to the root, like all paths here. */
  readonly entry: string;
  readonly path: string;
  /** Workspaces whose sources are compiled in. */
  readonly workspaces: readonly string[];
  /** Bun's output format: docs/decisions/0003. */
  readonly formatFlags: readonly string[];
}

/** The targets of the executables, by Bun's names. Linux without `musl` means glibc. */
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
  // A command ends before JIT compilation would pay off: docs/decisions/0013.
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

/** The targets of the operator: those of its images. */
const operatorTargets: readonly Target[] = ['linux-x64', 'linux-arm64'];

/** What is built for a target, which may be this machine's own. */
export function executablesFor(target: Target): Executable[] {
  const built = executables.filter(({ name }) => name === 'koncli' || operatorTargets.includes(target));
  return built.map((executable) => ({ ...executable, path: `${executable.path}-${target}` }));
}

/** The digest of the sources, beside the executable. It depends on content, because git does not preserve times. */
export function digestPath({ path }: Executable): string {
  return `${path}.inputs`;
}

/** SHA-256 over the names and contents of all sources and the lockfile. */
export function inputsDigest({ workspaces }: Executable): string {
  const sources = workspaces.flatMap((workspace) => globSync(`${workspace}/{package.json,src/**/*.ts}`, { cwd: root }));
  const hash = createHash('sha256');
  const others = [
    'package-lock.json',
    'LICENSE',
    ...globSync(['scripts/executables/*.ts', 'licenses/*'], { cwd: root }),
  ];
  for (const file of [...sources.sort(), ...others.sort()])
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
