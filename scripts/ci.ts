// The part of .ci/run after the tests: judges the runner's reports, checks that generated files are up to date, lints.
// Its last line is `N passed, N failed`; it exits with 1 unless nothing failed.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Expectations, judge, type TestReport, type Verdict } from './ci-verdict.ts';
import { root } from './root.ts';

/** The suites besides `npm test`, and how many tests each has at least. */
type Suites = { readonly minimumTestsOf: Readonly<Record<string, number>> };

const { minimumTestsOf, ...expectations }: Expectations & Suites = readJson('.ci/expectations.json');

const verdicts = [
  judgeTests('npm test', '.vitest/json/output.json', expectations),
  ...Object.entries(minimumTestsOf).map(([suite, minimumTests]) =>
    judgeTests(`npm run test:${suite}`, `.vitest/json/${suite}.json`, { ...expectations, minimumTests }),
  ),
  check('generated files are what their sources make of them', hasNoDrift),
  check('npm run lint', () => npm('run', 'lint') === 0),
];
for (const { remarks } of verdicts) for (const remark of remarks) console.log(remark);
const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
const failed = sum((verdict) => verdict.failed);
console.log(`${sum((verdict) => verdict.passed)} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function judgeTests(command: string, report: string, expected: Expectations): Verdict {
  try {
    return judge(readJson<TestReport>(report), expected);
  } catch (error) {
    return { passed: 0, failed: 1, remarks: [`${command} left no report: ${(error as Error).message}`] };
  }
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

function check(name: string, holds: () => boolean): Verdict {
  return holds() ? { passed: 1, failed: 0, remarks: [] } : { passed: 0, failed: 1, remarks: [`failed: ${name}`] };
}

/** Regenerates all files and compares what git reports before and after, new files included. */
function hasNoDrift(): boolean {
  const before = gitStatus();
  if (npm('run', 'synth') !== 0) return false;
  const after = gitStatus();
  if (after !== before) console.log(`drift:\n${after}`);
  return after === before;
}

function gitStatus(): string {
  const status = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  return status + execFileSync('git', ['diff'], { cwd: root, encoding: 'utf8', maxBuffer: 1e9 });
}

function npm(...args: readonly string[]): number {
  return spawnSync('npm', args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
