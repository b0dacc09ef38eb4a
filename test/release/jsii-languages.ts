// The constructs as programs in other languages get them, each with the tools of its language.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES_FOLDER, makeLanguagePackages, type Target } from '../../scripts/jsii/jsii.ts';
import { root } from '../../scripts/root.ts';
import { run } from './fresh-project.ts';

/** Programs of other languages start Node, which must be one that jsii supports. */
const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };

/** Whether the program runs. */
export const isThere = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0;

export const packageFiles = (target: Target, pattern: string): string[] =>
  globSync(pattern, { cwd: join(LANGUAGES_FOLDER, target) }).map((file) => join(LANGUAGES_FOLDER, target, file));

/** Returns the interpreter of a virtual environment with the wheel, and with the versions of its peers that npm installed. */
export function pythonWithConstructs(folder: string): string {
  makeLanguagePackages(['python']);
  run('python3', ['-m', 'venv', folder], root);
  const peers = ['cdk8s', 'cdk8s-plus-27', 'constructs'].map((name) => `${name}==${installedVersion(name)}`);
  const wheels = packageFiles('python', '*.whl');
  run(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...wheels, ...peers], root);
  return join(folder, 'bin/python');
}

/** Writes the Go module of a program, whose dependencies are made from the npm packages: the Go proxy may not have them. */
export function writeGoModule(folder: string): void {
  const modules = ['constructs', 'cdk8s', 'cdk8s-plus-27'].map((name) => join(root, 'node_modules', name));
  makeLanguagePackages(['go'], { code: true, dependencies: modules });
  writeFileSync(join(folder, 'go.mod'), 'module example.com/program\n\ngo 1.23\n');
  for (const file of packageFiles('go', '*/go.mod')) {
    const [, path = ''] = /^module (\S+)/m.exec(readFileSync(file, 'utf8')) ?? [];
    run('go', ['mod', 'edit', `-replace=${path}=${join(file, '..')}`], folder);
  }
  run('go', ['mod', 'tidy'], folder);
}

function installedVersion(name: string): string {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
}

/** Runs a program that synthesizes; returns its status and what it writes to stderr. */
export function synthesize(folder: string, command: string, ...args: readonly string[]) {
  const { status, stderr } = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' });
  return { status, stderr };
}
