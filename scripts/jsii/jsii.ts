// Compiles the package of the constructs with jsii, and makes the packages of all languages from it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../root.ts';
import { writePackageFolder } from './package-folder.ts';

/** The npm package, compiled. */
export const PACKAGE_FOLDER = join(root, 'cdk8s/dist/package');

/** A folder for each target. */
export const LANGUAGES_FOLDER = join(root, 'cdk8s/dist');

export const TARGETS = ['js', 'python', 'java', 'go'] as const;
export type Target = (typeof TARGETS)[number];

/** Throws what jsii says if something in the public API is nothing that all languages have. */
export function compilePackage(): void {
  writePackageFolder(PACKAGE_FOLDER);
  // Its stricter rules refuse the extensions of imports. C#, which reserves words that the props use, is no target.
  const flags = [
    '--tsconfig',
    'tsconfig.json',
    '--validate-tsconfig',
    'minimal',
    '--silence-warnings',
    'reserved-word',
  ];
  run('jsii', ...flags, '--fail-on-warnings');
}

interface PackageOptions {
  /** Makes the sources of the package only, not what its own tools make of them: a wheel, a jar. */
  readonly code?: boolean;
  /** Folders of npm packages that get packages of the language as well. */
  readonly dependencies?: readonly string[];
}

/** Makes packages of the compiled one. */
export function makeLanguagePackages(targets: readonly Target[], options: PackageOptions = {}): void {
  const { code = false, dependencies = [] } = options;
  const flags = ['--no-npmignore', '--force-subdirectory', ...(code ? ['--code-only'] : [])];
  run('jsii-pacmak', '--targets', ...targets, ...flags, '--outdir', LANGUAGES_FOLDER, ...dependencies, PACKAGE_FOLDER);
}

function run(tool: string, ...args: readonly string[]): void {
  const bin = join(root, 'node_modules/.bin');
  // So that the times in a wheel do not depend on when it is made: those of zip begin with 1980.
  const env = { ...process.env, SOURCE_DATE_EPOCH: '315532800' };
  const options = { cwd: PACKAGE_FOLDER, encoding: 'utf8', env } as const;
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [join(bin, tool), ...args], options);
  if (error) throw error;
  if (status !== 0) throw new Error(`${tool} failed:\n${stdout}${stderr}`);
}
