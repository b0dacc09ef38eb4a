// @konductor/cdk8s as its users get it: packed, installed into a project of its own, compiled there and synthesized.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { codeBlocks, inChart } from '../support/guides/code-blocks.ts';
import { bundle, compile, installFresh, packConstructs, run } from './fresh-project.ts';

const CHART = `import { App, Chart, Duration } from 'cdk8s';
import { Job } from 'cdk8s-plus-27';
import { BatchJob, KonductorOperator, WaitGroup, type WorkerOptions } from '@konductor/cdk8s';

const app = new App();
const chart = new Chart(app, 'all');
new KonductorOperator(chart, 'operator');
const group = new WaitGroup(chart, 'group', { metadata: { name: 'nightly' }, ttl: Duration.hours(1), initialCount: 1 });
const containers = [{ image: 'busybox', command: ['do-work'] }];
const options: WorkerOptions = { koncliDelivery: 'initContainer' };
group.addWorkers(new Job(chart, 'work', { containers }), options);
group.waitFor(new Job(chart, 'report', { containers }), { timeout: Duration.minutes(30) });
const batch = { name: 'batch', coordinator: 'coordinator', workers: 2, work: 'true', timeout: '1m', image: 'busybox' };
new BatchJob(chart, 'batch', batch);
app.synth();
`;

/** As `cdk8s init typescript-app` writes it: it looks at no exports, and checks the declarations of every library. */
const OF_CDK8S_INIT = {
  ...{ target: 'ES2017', module: 'CommonJS', lib: ['es2016'], strict: true, alwaysStrict: true, declaration: true },
  ...{ noEmitOnError: true, noFallthroughCasesInSwitch: true, noImplicitReturns: true, noUnusedLocals: true },
  ...{ noUnusedParameters: true, experimentalDecorators: true, resolveJsonModule: true, stripInternal: true },
};
const MODERN = { target: 'ES2023', module: 'NodeNext', strict: true, noUncheckedIndexedAccess: true, types: [] };

const README = join(import.meta.dirname, '../../cdk8s/README.md');

/** Of the main README and the guides: whole programs, and lines of cdk8s that stand for one. */
const documented = codeBlocks()
  .filter(({ name, language, code }) => language === 'ts' && !name.startsWith('cdk8s/') && !code.includes('/client'))
  .map(({ code }) => (code.startsWith('import ') ? code : inChart(code)));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-fresh-'));
  installFresh(folder, packConstructs(folder));
  writeFileSync(join(folder, 'main.ts'), CHART);
  const [, example = ''] = /```ts\n(.*?)```/s.exec(readFileSync(README, 'utf8')) ?? [];
  writeFileSync(join(folder, 'readme.ts'), example);
  for (const [index, code] of documented.entries()) writeFileSync(join(folder, `documented-${index}.ts`), code);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true }));

const packageOf = (name: string) =>
  JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));

describe('@konductor/cdk8s in a project of its own', () => {
  it('brings the peers that the project has not asked for, each once', () => {
    const peers = packageOf('@konductor/cdk8s').peerDependencies;
    expect(Object.keys(peers).sort()).toEqual(['cdk8s', 'cdk8s-plus-27', 'constructs']);
    for (const name of Object.keys(peers))
      expect(globSync(`**/node_modules/${name}/package.json`, { cwd: folder })).toEqual([
        `node_modules/${name}/package.json`,
      ]);
  });

  it('requires no peer that its own peers would reject', () => {
    const { constructs, cdk8s } = packageOf('cdk8s-plus-27').peerDependencies;
    const peers = packageOf('@konductor/cdk8s').peerDependencies;
    expect([peers.constructs, peers.cdk8s].map(majorOf)).toEqual([constructs, cdk8s].map(majorOf));
  });

  it('carries the manifests, the Helm chart and the JSON schemas, and neither sources nor tests', () => {
    const files = globSync('**/*.*', { cwd: join(folder, 'node_modules/@konductor/cdk8s') });
    expect(files).toContain('manifests/install.yaml');
    expect(files).toContain('charts/konductor/templates/operator.yaml');
    expect(files).toContain('README.md');
    expect(files).toContain('schemas/konductor.io/waitgroup_v1.json');
    const shipped = /^(lib|manifests|charts|schemas)\/|^(package\.json|README\.md)$/;
    expect(files.filter((file) => !shipped.test(file))).toEqual([]);
  });

  it('shows compilers nothing of the schema package, whose types take them ten seconds', () => {
    const lib = join(folder, 'node_modules/@konductor/cdk8s/lib');
    const declarations = globSync('**/*.d.ts', { cwd: lib });
    expect(declarations).toContain('index.d.ts');
    for (const file of declarations) expect(readFileSync(join(lib, file), 'utf8')).not.toContain('@konductor/schema');
  });

  it.each([
    ['the settings of cdk8s init', OF_CDK8S_INIT],
    ['NodeNext', MODERN],
  ])('compiles strictly and synthesizes under %s', { timeout: 120_000 }, (_, compilerOptions) => {
    compile(folder, ['main', 'readme', ...documented.map((_, index) => `documented-${index}`)], compilerOptions);
    for (const program of ['main', 'readme']) run(process.execPath, [`${program}.js`], folder);
    expect(kindsOf('all')).toEqual(expect.arrayContaining(['CustomResourceDefinition', 'Deployment', 'WaitGroup']));
    expect(kindsOf('nightly').filter((kind) => !/^(Service|Role)/.test(kind))).toEqual(['WaitGroup', 'Job', 'Job']);
  });
});

it('is bundled into one file, which leaves nothing of it behind', { timeout: 120_000 }, () => {
  compile(folder, ['main'], OF_CDK8S_INIT);
  const file = bundle(folder, 'main');
  expect(readFileSync(file, 'utf8').includes(join(folder, 'node_modules/@konductor'))).toBe(false);
  const elsewhere = mkdtempSync(join(folder, 'elsewhere-'));
  for (const [program, place] of [
    ['main.js', folder],
    [file, elsewhere],
  ] as const)
    run(process.execPath, [program], place);
  const synthesized = (place: string) => readFileSync(join(place, 'dist/all.k8s.yaml'), 'utf8');
  expect(synthesized(elsewhere)).toBe(synthesized(folder));
});

function kindsOf(chart: string): string[] {
  const documents = parseAllDocuments(readFileSync(join(folder, `dist/${chart}.k8s.yaml`), 'utf8'));
  return documents.map((document) => String(document.get('kind')));
}

const majorOf = (range: string) => range.replace(/^\^/, '').split('.')[0];
