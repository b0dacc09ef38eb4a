// The one hand-edited configuration: everything it writes is committed, and CI fails when the two differ.
import { readFileSync } from 'node:fs';
import { JsonFile, javascript, TextFile, YamlFile } from 'projen';
import { floors, forbiddenImports } from './scripts/floors.ts';
import { renameImages } from './scripts/images/rename-images.ts';
import { workflows } from './scripts/workflows.ts';

const VERSION = '0.1.0';
/** Where the images are: a registry and a path. Nobody can publish under the name localhost. docs/guides/images.md */
const IMAGE_REPOSITORY = 'localhost/konductor';
const SOURCE_CONDITION = 'konductor-source';
const REPOSITORY = { type: 'git', url: 'https://github.com/konductor-io/waitgroup.git' };

/** Versions that are known to work together on Node 24 (CONTRIBUTING.md says which pins have a reason). */
const versions = {
  '@biomejs/biome': '2.5.15',
  '@cyclonedx/cyclonedx-library': '^10.3.0',
  '@dot-i/k8s-operator': '1.3.9',
  '@kubernetes/client-node': '2.0.1',
  '@mermaid-js/tiny': '11.17.2',
  '@types/node': '~24.19.2',
  '@xterm/headless': '^6.0.0',
  ajv: '^8.20.0',
  'ajv-formats': '^3.0.1',
  'ajv-formats-draft2019': '^1.6.1',
  bun: '1.4.5',
  cdk8s: '^2.70.106',
  'cdk8s-plus-27': '^2.9.5',
  commander: '^15.1.0',
  constructs: '^10.8.1',
  'fast-check': '^4.10.2',
  jsii: '5.9.50',
  'jsii-pacmak': '^1.140.0',
  node: '24.21.0',
  pino: '^10.4.0',
  'prom-client': '^15.1.3',
  projen: '0.103.25',
  socks: '^2.8.11',
  'tar-stream': '^3.2.2',
  typebox: '^1.4.3',
  typedoc: '^0.28.15',
  'typedoc-plugin-markdown': '^4.14.1',
  typescript: '~5.9.3',
  vega: '^6.4.0',
  'vega-lite': '^6.5.0',
  vitest: '5.1.1',
  'xz-decompress': '0.2.3',
  yaml: '^2.9.1',
} as const;

type Dependency = keyof typeof versions;
const pick = (...names: Dependency[]) => names.map((name) => `${name}@${versions[name]}`);
const pickRecord = (...names: Dependency[]) => Object.fromEntries(names.map((name) => [name, versions[name]]));

interface Workspace {
  readonly description: string;
  /** Sibling workspaces that this one may import: the one-way rule of the layout. */
  readonly imports: readonly string[];
  readonly dependencies?: readonly Dependency[];
  readonly peerDependencies?: readonly Dependency[];
  readonly isPrivate?: boolean;
  /** Its modules do nothing but export. */
  readonly isLibrary?: boolean;
  readonly bin?: Record<string, string>;
  readonly engines?: string;
  readonly compilerOptions?: Record<string, unknown>;
  /** Files beside the compiled ones that the npm package carries. */
  readonly files?: readonly string[];
}

const workspaces: Record<string, Workspace> = {
  schema: {
    description: 'The WaitGroup resource: its shape, its CRD, its durations and the rules that change its counter',
    imports: [],
    isLibrary: true,
    dependencies: ['typebox'],
  },
  client: {
    description: 'Counts and waits on WaitGroups from TypeScript',
    imports: ['schema'],
    isLibrary: true,
    dependencies: ['socks', 'yaml'],
    engines: '>=22.19.0',
  },
  operator: {
    description: 'The operator of WaitGroups (shipped as an executable)',
    imports: ['schema', 'client'],
    dependencies: ['@dot-i/k8s-operator', '@kubernetes/client-node', 'commander', 'pino', 'prom-client'],
    isPrivate: true,
  },
  cli: {
    description: 'koncli: add to, finish and await WaitGroups from a shell',
    imports: ['schema', 'client'],
    dependencies: ['commander', 'yaml'],
    bin: { koncli: 'lib/main.js', 'kubectl-konductor': 'lib/main.js' },
    engines: '>=22.19.0',
  },
  cdk8s: {
    description: 'cdk8s constructs for WaitGroups and their operator',
    imports: ['schema'],
    peerDependencies: ['cdk8s', 'cdk8s-plus-27', 'constructs'],
    // What is published is made from it by npm run jsii.
    isPrivate: true,
    // cdk8s-plus-27 does not type-check under it.
    compilerOptions: { exactOptionalPropertyTypes: false },
  },
  test: {
    description: 'Tests, the control plane they run against, and the demo',
    imports: ['schema', 'client', 'operator', 'cli', 'cdk8s'],
    dependencies: [
      '@mermaid-js/tiny',
      '@xterm/headless',
      'cdk8s',
      'cdk8s-plus-27',
      'constructs',
      'commander',
      'fast-check',
      'prom-client',
      'vega',
      'vega-lite',
      'vitest',
      'yaml',
    ],
    isPrivate: true,
    compilerOptions: { exactOptionalPropertyTypes: false },
  },
};
const names = Object.keys(workspaces);
const packageName = (workspace: string) => `@konductor/${workspace}`;

const project = new javascript.NodeProject({
  name: 'konductor-waitgroup',
  description: 'A counter in the cluster that Kubernetes workloads wait on, like Go’s sync.WaitGroup',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  minNodeVersion: '20.0.0',
  authorName: 'The Konductor authors',
  license: 'Apache-2.0',
  copyrightOwner: 'The Konductor authors',
  entrypoint: '',
  projenVersion: versions.projen,
  jest: false,
  prettier: false,
  github: false,
  release: false,
  projenrcJs: false,
  buildWorkflow: false,
  depsUpgrade: false,
  npmignoreEnabled: false,
  package: false,
  devDeps: pick(
    '@biomejs/biome',
    '@cyclonedx/cyclonedx-library',
    '@kubernetes/client-node',
    '@types/node',
    // The library's validator asks for them.
    'ajv',
    'ajv-formats',
    'ajv-formats-draft2019',
    'bun',
    'constructs',
    'jsii',
    'jsii-pacmak',
    'node',
    'tar-stream',
    'typedoc',
    'typedoc-plugin-markdown',
    'typescript',
    'vitest',
    'xz-decompress',
  ),
  gitignore: [
    'node_modules/',
    '/*/lib/',
    '/*/dist/',
    '/dist/',
    '*.tsbuildinfo',
    '/.vitest/',
    '/.konductor/',
    '/test/bench/results/',
  ],
});
for (const task of project.tasks.all) project.removeScript(task.name);
project.addFields({
  private: true,
  version: VERSION,
  type: 'module',
  workspaces: names,
  // npm 12 runs only the install scripts that are listed; without node's, everything would run on the system's Node.
  allowScripts: { node: true, bun: true, esbuild: true, backport: false },
  // The framework asks for a client-node of 2023 that depends on the abandoned `request`.
  overrides: { '@dot-i/k8s-operator': { '@kubernetes/client-node': versions['@kubernetes/client-node'] } },
});
const scripts = {
  prestart: 'node scripts/prepare.mjs',
  start: `node --conditions=${SOURCE_CONDITION} test/demo/main.ts`,
  pretest: 'node scripts/prepare.mjs --controller-manager --helm --gitops --kwok',
  test: 'vitest run --project unit --project integration',
  'test:unit': 'vitest run --project unit',
  'pretest:faults': 'node scripts/prepare.mjs',
  'test:faults': 'vitest run --project faults --outputFile.json=.vitest/json/faults.json',
  'pretest:release': 'node scripts/prepare.mjs --controller-manager --helm',
  // One file at a time: several of them make what is published, in the same folders.
  'test:release': 'vitest run --project release --no-file-parallelism --outputFile.json=.vitest/json/release.json',
  'pretest:minors': 'node scripts/prepare.mjs --executables',
  'test:minors': `node --conditions=${SOURCE_CONDITION} scripts/test-minors.ts`,
  'pretest:e2e': 'node scripts/prepare.mjs --executables',
  'test:e2e': `node --conditions=${SOURCE_CONDITION} test/e2e/main.ts`,
  build: 'node scripts/build.ts',
  preimages: 'node scripts/prepare.mjs --executables',
  images: 'node scripts/images.ts',
  prerelease: 'node scripts/prepare.mjs --executables',
  release: `node --conditions=${SOURCE_CONDITION} scripts/release.ts`,
  jsii: `node --conditions=${SOURCE_CONDITION} scripts/jsii.ts`,
  lint: `node --conditions=${SOURCE_CONDITION} scripts/lint.ts`,
  synth: [
    'PROJEN_DISABLE_POST=true node .projenrc.ts',
    `node --conditions=${SOURCE_CONDITION} cdk8s/src/main.ts`,
    `node --conditions=${SOURCE_CONDITION} scripts/reference.ts`,
    `node --conditions=${SOURCE_CONDITION} test/bench/plots.ts`,
  ].join(' && '),
  'predemo-picture': 'node scripts/prepare.mjs',
  'demo-picture': `node --conditions=${SOURCE_CONDITION} test/demo/picture/main.ts`,
  prebench: 'node scripts/prepare.mjs',
  bench: `node --conditions=${SOURCE_CONDITION} test/bench/main.ts`,
  'precontrol-plane': 'node scripts/prepare.mjs --controller-manager',
  'control-plane': `node --conditions=${SOURCE_CONDITION} test/control-plane/main.ts`,
};
for (const [name, command] of Object.entries(scripts)) project.setScript(name, command);

const license = readFileSync('LICENSE', 'utf8');
const json = (path: string, obj: unknown) => new JsonFile(project, path, { obj, marker: false, readonly: true });

json('tsconfig.base.json', {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2024', 'ESNext.Disposable'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    customConditions: [SOURCE_CONDITION],
    types: ['node'],
    composite: true,
    declaration: true,
    sourceMap: true,
    // The sources themselves are not in the packages.
    inlineSources: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    erasableSyntaxOnly: true,
    rewriteRelativeImportExtensions: true,
    resolveJsonModule: true,
    skipLibCheck: true,
  },
});
json('tsconfig.json', { files: [], references: names.map((name) => ({ path: name })) });

for (const [name, workspace] of Object.entries(workspaces)) {
  const siblings = Object.fromEntries(workspace.imports.map((sibling) => [packageName(sibling), VERSION]));
  const isPrivate = workspace.isPrivate ?? false;
  json(`${name}/package.json`, {
    name: packageName(name),
    version: VERSION,
    description: workspace.description,
    license: 'Apache-2.0',
    ...(isPrivate
      ? { private: true }
      : { repository: { ...REPOSITORY, directory: name }, publishConfig: { access: 'public' } }),
    type: 'module',
    // So that npm pack and npm publish take what the sources say now.
    ...(isPrivate ? {} : { scripts: { prepack: 'tsc -b' } }),
    // Bundlers leave out what nobody imports: koncli starts without the shapes of its resources.
    ...(workspace.isLibrary ? { sideEffects: false } : {}),
    ...(workspace.engines ? { engines: { node: workspace.engines } } : {}),
    ...(workspace.bin ? { bin: workspace.bin } : {}),
    // For projects that do not look at exports, such as those that cdk8s init makes.
    main: './lib/index.js',
    types: './lib/index.d.ts',
    exports: {
      '.': { [SOURCE_CONDITION]: './src/index.ts', types: './lib/index.d.ts', default: './lib/index.js' },
      './package.json': './package.json',
    },
    // npm adds package.json, README.md and LICENSE.
    files: ['lib', '!lib/*.tsbuildinfo', ...(workspace.files ?? [])],
    dependencies: { ...siblings, ...pickRecord(...(workspace.dependencies ?? [])) },
    ...(workspace.peerDependencies
      ? {
          peerDependencies: pickRecord(...workspace.peerDependencies),
          devDependencies: pickRecord(...workspace.peerDependencies),
        }
      : {}),
  });
  if (!isPrivate)
    new TextFile(project, `${name}/LICENSE`, { marker: false, readonly: true, lines: license.split('\n') });
  const isTest = name === 'test';
  json(`${name}/tsconfig.json`, {
    extends: '../tsconfig.base.json',
    compilerOptions: {
      // Nobody imports the tests: they are checked, not built.
      ...(isTest
        ? {
            composite: false,
            declaration: false,
            noEmit: true,
            rewriteRelativeImportExtensions: false,
            allowImportingTsExtensions: true,
          }
        : { rootDir: 'src', outDir: 'lib', tsBuildInfoFile: 'lib/.tsbuildinfo' }),
      ...workspace.compilerOptions,
    },
    include: isTest ? ['**/*.ts', '../scripts', '../.projenrc.ts'] : ['src'],
    exclude: ['lib', 'dist', 'node_modules'],
    references: workspace.imports.map((sibling) => ({ path: `../${sibling}` })),
  });
}

// Not read from package.json, which bundlers leave behind, and Node 20 imports with a warning.
new TextFile(project, 'cdk8s/src/version.ts', {
  marker: false,
  readonly: true,
  lines: `// The one place that says which version of Konductor the constructs belong to. Written by .projenrc.ts.

/** The version of this package; the images and the CRD of an install have the same. */
export const VERSION: string = '${VERSION}';

/** What the names of the images begin with: a registry and a path. */
export const IMAGE_REPOSITORY: string = '${IMAGE_REPOSITORY}';

/** Where the documentation of this version is. */
export const DOCS_URL: string = '${REPOSITORY.url.replace(/\.git$/, '')}/blob/v${VERSION}/docs';
`.split('\n'),
});

new TextFile(project, 'vitest.config.ts', {
  marker: false,
  readonly: true,
  lines: `import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** For the busiest of machines: what hangs fails by a deadline of its own before. */
const PATIENCE_MS = 120_000;

const resolve = { conditions: ['${SOURCE_CONDITION}'] };
const shared = { resolve, ssr: { resolve } };
const limits = { testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS, expect: { poll: { timeout: 30_000 } } };

export default defineConfig({
  ...shared,
  test: {
    globalSetup: './test/support/processes/require-node-24.ts',
    reporters: ['default', 'json'],
    // Most files wait for servers and timers rather than compute.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    teardownTimeout: PATIENCE_MS,
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // Files of pure code share what they load.
          isolate: false,
          include: ['test/{${names.filter((name) => name !== 'test').join(',')},repository,support}/**/*.test.ts'],
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          // One start of Node and one import of everything for each worker in place of each file.
          isolate: false,
          include: ['test/{control-plane,integration,faults,demo}/**/*.test.ts'],
          exclude: ['test/faults/long/**'],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: false },
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'faults',
          // What proves the more the longer it runs: it does more here than in the project above (see inLongRun).
          isolate: false,
          include: [
            'test/faults/long/*.test.ts',
            'test/faults/{exactly-once,random-faults,worker-crowd,workers-model}.test.ts',
            'test/integration/{client/contention,crd/hostile-statuses,operator/mass-deadline}.test.ts',
          ],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: true },
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'release',
          // What is published, as its users get it: packages, images, charts, and what comes with them.
          include: ['test/release/**/*.test.ts'],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: false },
          ...limits,
        },
      },
      {
        ...shared,
        test: {
          name: 'minors',
          // What depends on the API server: run against another minor version of Kubernetes by npm run test:minors.
          isolate: false,
          include: [
            'test/minors/*.test.ts',
            'test/integration/crd/{spec-guards,status-guards,worker-guards,durations}.test.ts',
            'test/integration/install/{completion,workers}-policy.test.ts',
            'test/integration/koncli/{waiting,add-create,workers/verbs}.test.ts',
            'test/integration/labels/counted-jobs.test.ts',
            'test/integration/operator/{lost-workers,ttl}.test.ts',
          ],
          globalSetup: './test/support/cluster/shared-control-plane.ts',
          provide: { isLongRun: false },
          ...limits,
        },
      },
    ],
  },
});
`.split('\n'),
});

for (const [name, obj] of Object.entries(workflows))
  new YamlFile(project, `.github/workflows/${name}.yaml`, { obj, readonly: true });

/** What each workspace must not import, by any spelling: a sibling that the layout does not grant it, or a floor above. */
const importRules = names
  .filter((name) => name !== 'test')
  .flatMap((name) => {
    const siblings = names.filter((other) => other !== name && !workspaces[name]?.imports.includes(other));
    const others = `{${siblings.join(',')}}`;
    const group = [packageName(others), `${packageName(others)}/**`, `../**/${others}/{src,lib}/**`];
    const packages = { group, message: 'Imports go schema <- client <- operator | cli, schema <- cdk8s.' };
    const order = floors[name] ?? [];
    const message = `Imports go down: ${order.map((floor) => floor.join(', ')).join(' < ')} (scripts/floors.ts).`;
    return [
      restrictImports(`${name}/src/*`, [packages]),
      ...order
        .flat()
        .map((folder) =>
          restrictImports(`${name}/src/${folder}/*`, [packages, { group: forbiddenImports(order, folder), message }]),
        ),
    ];
  });

function restrictImports(files: string, patterns: readonly object[]) {
  const noRestrictedImports = { level: 'error', options: { patterns } };
  return { includes: [files], linter: { rules: { style: { noRestrictedImports } } } };
}

json('biome.json', {
  $schema: './node_modules/@biomejs/biome/configuration_schema.json',
  vcs: { enabled: true, clientKind: 'git', useIgnoreFile: true },
  files: {
    includes: [
      '**',
      '!**/lib',
      '!**/dist',
      '!**/package.json',
      '!**/package-lock.json',
      '!**/tsconfig*.json',
      '!docs/**/*.svg',
      '!docs/benchmarks/*.json',
      '!biome.json',
      '!vitest.config.ts',
      '!.projen',
      '!cdk8s/manifests',
      '!cdk8s/charts',
      '!cdk8s/schemas',
    ],
  },
  formatter: { indentStyle: 'space', lineWidth: 120 },
  javascript: { formatter: { quoteStyle: 'single' } },
  // As JSON.stringify writes it, which is how projen writes Biome's own configuration.
  json: { formatter: { expand: 'always' } },
  linter: {
    rules: {
      preset: 'recommended',
      suspicious: {
        noImportCycles: { level: 'error', options: { ignoreTypes: false } },
        noExplicitAny: 'error',
      },
      correctness: { noUnusedImports: 'error', noUnusedVariables: 'error' },
      style: { noDefaultExport: 'error', noNonNullAssertion: 'error', useImportType: 'error' },
    },
  },
  overrides: [
    ...importRules,
    { includes: ['vitest.config.ts'], linter: { rules: { style: { noDefaultExport: 'off' } } } },
  ],
});

renameImages(IMAGE_REPOSITORY);
project.synth();
