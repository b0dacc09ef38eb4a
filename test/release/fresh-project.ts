// A project like the one that `cdk8s init typescript-app` creates, in which the packed packages are installed as from npm.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePackage, PACKAGE_FOLDER } from '../../scripts/jsii/jsii.ts';
import { root } from '../../scripts/root.ts';

const NAME = { name: 'fresh', version: '1.0.0', private: true };
/** cdk8s-plus-27 asks for it and never uses it; it brings 190 packages. */
const INERT = 'backport';
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

type LockedPackages = Record<string, { readonly link?: boolean }>;

/** Compiles and packs the constructs; returns the tarball's name in the folder, by the package's name. */
export function packConstructs(folder: string): Record<string, string> {
  compilePackage();
  const output = run('npm', ['pack', `--pack-destination=${folder}`, '--json'], PACKAGE_FOLDER);
  const packed: { name: string; filename: string }[] = JSON.parse(output);
  return Object.fromEntries(packed.map(({ name, filename }) => [name, filename]));
}

/** Installs tarballs and what they ask for: the versions of this repository's lockfile, from npm's cache. */
export function installFresh(folder: string, tarballs: Readonly<Record<string, string>>): void {
  const dependencies = Object.fromEntries(Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]));
  const manifest = { ...NAME, dependencies, overrides: { [INERT]: `file:${INERT}` } };
  mkdirSync(join(folder, INERT), { recursive: true });
  writeJson(join(folder, INERT, 'package.json'), { name: INERT, version: '8.5.0' });
  writeJson(join(folder, 'package.json'), manifest);
  writeJson(join(folder, 'package-lock.json'), lockfile(manifest));
  run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
}

function lockfile(manifest: object) {
  const { packages }: { packages: LockedPackages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const registered = Object.entries(packages).filter(
    ([path, { link }]) => path.startsWith('node_modules/') && !link && path !== `node_modules/${INERT}`,
  );
  return { ...NAME, lockfileVersion: 3, requires: true, packages: { '': manifest, ...Object.fromEntries(registered) } };
}

/** Makes one file of a compiled program and all that it imports; returns its path. */
export function bundle(folder: string, program: string): string {
  const file = join(folder, `${program}.bundle.cjs`);
  run(bin('bun'), ['build', `${program}.js`, '--target=node', '--format=cjs', `--outfile=${file}`], folder);
  return file;
}

/** Compiles programs with a project's own compiler settings. */
export function compile(folder: string, programs: readonly string[], compilerOptions: object): void {
  writeJson(join(folder, 'tsconfig.json'), { compilerOptions, files: programs.map((program) => `${program}.ts`) });
  run(bin('tsc'), ['-p', folder], folder);
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, JSON.stringify(value, null, 2));
}

/** Returns what it prints; throws that when it fails. */
export function run(command: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
