// The constructs in every language that jsii makes a package for: the same chart, the same bytes, and the same errors.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compilePackage, makeLanguagePackages } from '../../scripts/jsii/jsii.ts';
import { root } from '../../scripts/root.ts';
import { codeBlocks } from '../support/guides/code-blocks.ts';
import { isThere, packageFiles, pythonWithConstructs, synthesize, writeGoModule } from './jsii-languages.ts';
import { everyConstruct } from './languages/every-construct.ts';
import { workingJob } from './languages/working-job.ts';

const PATIENCE_MS = 600_000;
const PROGRAMS = join(import.meta.dirname, 'languages');
const [hasPython, hasGo] = [isThere('python3', '-c', 'import venv, ensurepip'), isThere('go', 'version')];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'konductor-languages-'));
  compilePackage();
}, PATIENCE_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const codeOfReadme = (language: string) =>
  codeBlocks().find((block) => block.name.startsWith('README.md: ') && block.language === language)?.code ?? '';
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');

describe.skipIf(!hasPython)('Python', () => {
  let python: string;

  beforeAll(() => {
    python = pythonWithConstructs(join(folder, 'python'));
  }, PATIENCE_MS);

  it('synthesizes the same bytes as TypeScript', { timeout: PATIENCE_MS }, () => {
    everyConstruct(join(folder, 'typescript'));
    const { status, stderr } = synthesize(folder, python, join(PROGRAMS, 'every_construct.py'));
    expect([status, stderr.includes('Traceback')]).toEqual([0, false]);
    const file = 'every-construct.k8s.yaml';
    expect(read('dist', file)).toBe(read('typescript', file));
    expect(read('dist', file)).toContain('kind: MutatingAdmissionPolicy');
  });

  it('synthesizes from the lines of the README what TypeScript does from those beside them', {
    timeout: PATIENCE_MS,
  }, () => {
    const [program = '', lines = ''] = ['ts', 'python'].map((language) => codeOfReadme(language));
    const [dist, files] = [join(folder, 'readme'), ['konductor.k8s.yaml', 'nightly.k8s.yaml']];
    const flags = ['--conditions=konductor-source', '--input-type=module-typescript', '--eval', program];
    const env = { ...process.env, CDK8S_OUTDIR: dist };
    execFileSync(process.execPath, flags, { cwd: join(root, 'test'), env });
    writeFileSync(join(folder, 'readme.py'), lines);
    expect(synthesize(folder, python, 'readme.py')).toMatchObject({ status: 0 });
    for (const file of files) expect(read('dist', file)).toBe(readFileSync(join(dist, file), 'utf8'));
  });

  it.each([
    ['ttl="1 hour"', 'WaitGroup c/g: ttl "1 hour" is not a valid duration; use a format like 1h30m'],
    ['worker_policy="keep"', 'WaitGroup c/g: workerPolicy is "keep"; use "Keep", "Release" or "Fail"'],
  ])('rejects %s with the sentence that TypeScript prints', { timeout: PATIENCE_MS }, (prop, sentence) => {
    const program = `from cdk8s import App, Chart
from konductor_cdk8s import WaitGroup
WaitGroup(Chart(App(), "c"), "g", ${prop})
`;
    writeFileSync(join(folder, 'bad.py'), program);
    const { status, stderr } = synthesize(folder, python, 'bad.py');
    expect([status, stderr]).toEqual([1, expect.stringContaining(`RuntimeError: ${sentence}`)]);
  });
});

it.skipIf(!hasGo)('Go synthesizes the same bytes as TypeScript', { timeout: PATIENCE_MS }, () => {
  const go = join(folder, 'go');
  mkdirSync(go);
  copyFileSync(join(PROGRAMS, 'main.go.txt'), join(go, 'main.go'));
  writeGoModule(go);
  expect(synthesize(go, 'go', 'run', '.')).toMatchObject({ status: 0 });
  workingJob(join(go, 'typescript'));
  expect(read('go', 'dist/go.k8s.yaml')).toBe(read('go', 'typescript/go.k8s.yaml'));
});

it('Java has a class for each construct, whose sources are complete', { timeout: PATIENCE_MS }, () => {
  makeLanguagePackages(['java'], { code: true });
  const classes = packageFiles('java', '**/*.java').map((file) => file.replace(/^.*\//, '').replace('.java', ''));
  expect(classes).toEqual(expect.arrayContaining(['WaitGroup', 'WaitGroupProps', 'KonductorOperator', 'Koncli']));
  const [source = ''] = packageFiles('java', '**/WaitGroup.java');
  expect(readFileSync(source, 'utf8')).toContain(
    'public class WaitGroup extends io.konductor.cdk8s.WaitGroupReference',
  );
});
