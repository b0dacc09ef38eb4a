// Judges the test runner's own report for CI. Pure, so that it is tested like everything else.

/** The part of vitest's JSON report that is judged. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    /** `failed` with no assertion results: the file could not be loaded. */
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface Expectations {
  /** Fewer tests than this mean that some did not run. */
  readonly minimumTests: number;
  /** Full names of tests that may be skipped, each with the reason. */
  readonly allowedSkips: Readonly<Record<string, string>>;
}

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** One line for each failure and each allowed skip. */
  readonly remarks: readonly string[];
}

export function judge({ testResults }: TestReport, { minimumTests, allowedSkips }: Expectations): Verdict {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  const isExcused = ({ fullName }: { readonly fullName: string }) =>
    Object.hasOwn(allowedSkips, fullName) && Boolean(allowedSkips[fullName]);
  const failures = [
    ...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => `failed: ${fullName}`),
    ...testResults
      .filter((file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'))
      .map(({ name, message = '' }) => `failed to run: ${name} ${message.split('\n', 1)[0]}`.trim()),
    ...skipped.filter((test) => !isExcused(test)).map(({ fullName }) => `skipped without a listed reason: ${fullName}`),
  ];
  // Not `passed < minimumTests`, which is false of a number that is missing.
  if (!(passed >= minimumTests))
    failures.push(`only ${passed} tests passed, ${minimumTests} are expected: .ci/expectations.json`);
  const excused = skipped.filter(isExcused).map(({ fullName }) => `skipped: ${fullName}: ${allowedSkips[fullName]}`);
  return { passed, failed: failures.length, remarks: [...failures, ...excused] };
}
