// Compiles a TypeScript program to one executable. Only this file calls Bun's compiler.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../root.ts';
import { ignoreRuntimeVariables } from './own-variables.ts';

export interface Program {
  /** Paths relative to the root, or absolute. */
  readonly entry: string;
  readonly outfile: string;
  /** docs/decisions/0003. */
  readonly formatFlags: readonly string[];
}

/** Of every bundle. Otherwise the folder of this machine would be in it. */
export const BUNDLE_FLAGS: readonly string[] = ['--minify', '--conditions=konductor-source', `--define=__dirname="/"`];

const FLAGS = [
  ...BUNDLE_FLAGS,
  '--compile',
  '--bytecode',
  // Otherwise a .env or bunfig.toml in the current directory would change what the executable does.
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
];

/** `assets` are files that are embedded, under their base names. Bun embeds the base name of `outfile` as well. */
export function compile({ entry, outfile, formatFlags }: Program, assets: readonly string[] = []): void {
  const embedded = assets.map((asset) => `--asset=${asset}`);
  runTool('bun', ['build', ...FLAGS, ...formatFlags, ...embedded, entry, `--outfile=${outfile}`]);
  const path = resolve(root, outfile);
  const executable = readFileSync(path);
  ignoreRuntimeVariables(executable);
  writeFileSync(path, executable);
}

/** Runs a program of node_modules; its output is shown only if it fails. */
export function runTool(command: string, args: readonly string[]): void {
  try {
    execFileSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    process.stderr.write(`${stdout}${stderr}`);
    throw new Error(`${command} failed`);
  }
}
