// The npm package of the constructs as jsii compiles it: the sources of cdk8s without what synthesizes the shipped files, and
// what they take of @konductor/schema. docs/decisions/0057
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from '../root.ts';
import { writeSchemaModules } from './schema-modules.ts';

const SOURCES = join(root, 'cdk8s');
const SCHEMA = '@konductor/schema';

/** jsii's own settings, and extensions of imports as the sources have them. */
const COMPILER_OPTIONS = {
  ...{ target: 'ES2022', lib: ['es2022'], module: 'CommonJS', moduleResolution: 'Node10', types: ['node'] },
  ...{
    rootDir: 'src',
    outDir: 'lib',
    declaration: true,
    inlineSourceMap: true,
    inlineSources: true,
  },
  ...{ strict: true, noEmitOnError: true, skipLibCheck: true, rewriteRelativeImportExtensions: true },
};

/** Writes the folder; `package.json` is that of the workspace with what jsii needs. */
export function writePackageFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['src', 'README.md', 'manifests', 'charts', 'schemas'])
    cpSync(join(SOURCES, name), join(folder, name), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  for (const name of ['src/main.ts', 'src/shipped']) rmSync(join(folder, name), { recursive: true });
  for (const path of globSync('src/**/*.ts', { cwd: folder })) useOwnSchema(folder, path);
  writeSchemaModules(join(folder, 'src/schema'));
  writeJson(join(folder, 'package.json'), manifest());
  writeJson(join(folder, 'tsconfig.json'), { compilerOptions: COMPILER_OPTIONS, include: ['src'] });
}

function useOwnSchema(folder: string, path: string): void {
  const text = readFileSync(join(folder, path), 'utf8');
  const own = posix.relative(posix.dirname(path), 'src/schema/index.ts');
  const specifier = own.startsWith('.') ? own : `./${own}`;
  writeFileSync(join(folder, path), text.replaceAll(`'${SCHEMA}'`, `'${specifier}'`));
}

function manifest(): object {
  const { name, version, description, license, peerDependencies } = readManifest(SOURCES);
  const { repository } = readManifest(join(root, 'schema'));
  return {
    ...{ name, version, description, license, peerDependencies },
    repository: { ...repository, directory: 'cdk8s' },
    author: { name: 'The Konductor authors', url: 'https://github.com/konductor-io', organization: true },
    publishConfig: { access: 'public' },
    main: 'lib/index.js',
    types: 'lib/index.d.ts',
    stability: 'experimental',
    files: ['lib', '.jsii', 'manifests', 'charts', 'schemas'],
    // jsii asks for the lowest version of each peer.
    devDependencies: lowest(peerDependencies),
    keywords: ['cdk8s', 'kubernetes', 'waitgroup', 'konductor', 'jsii'],
    jsii: {
      outdir: '..',
      versionFormat: 'short',
      targets: {
        python: { distName: 'konductor-cdk8s', module: 'konductor_cdk8s' },
        java: { package: 'io.konductor.cdk8s', maven: { groupId: 'io.konductor', artifactId: 'cdk8s' } },
        go: { moduleName: 'github.com/konductor-io/waitgroup-go', packageName: 'konductor' },
      },
      tsc: { outDir: 'lib', rootDir: 'src' },
    },
  };
}

function lowest(ranges: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, range.replace(/^[\^~]/, '')]));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly repository: object;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
