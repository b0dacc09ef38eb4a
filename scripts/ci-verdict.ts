// What CI makes of the test runner's own report: pure, so that it is tested like everything else.

/** The part of vitest's JSON report that counts. */
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
  /** Fewer tests than this were not all of them. */
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

export function judge(report: TestReport, { minimumTests, allowedSkips }: Expectations): Verdict {
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (statuses: readonly string[]) => tests.filter(({ status }) => statuses.includes(status));
  const passed = named(['passed']).length;
  const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  const reasonOf = (name: string) => (Object.hasOwn(allowedSkips, name) ? allowedSkips[name] : undefined);
  const failures = [
    ...named(['failed']).map(({ fullName }) => `failed: ${fullName}`),
    ...unloadable(report),
    ...skipped
      .filter(({ fullName }) => !reasonOf(fullName))
      .map(({ fullName }) => `skipped without a listed reason: ${fullName}`),
    // Not `passed < minimumTests`, which holds of no number that is missing.
    ...(passed >= minimumTests
      ? []
      : [`only ${passed} tests passed, ${minimumTests} are expected: .ci/expectations.json`]),
  ];
  const excused = skipped.filter(({ fullName }) => reasonOf(fullName));
  const remarks = [...failures, ...excused.map(({ fullName }) => `skipped: ${fullName}: ${reasonOf(fullName)}`)];
  return { passed, failed: failures.length, remarks };
}

function unloadable({ testResults }: TestReport): string[] {
  return testResults
    .filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    )
    .map(({ name, message = '' }) => `failed to run: ${name} ${message.split('\n', 1)[0]}`.trim());
}
