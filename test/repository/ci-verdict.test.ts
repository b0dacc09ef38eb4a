import { describe, expect, it } from 'vitest';
import { judge, type TestReport } from '../../scripts/ci-verdict.ts';

const file = (status: string, ...assertionResults: { fullName: string; status: string }[]) => ({
  testResults: [{ name: 'a.test.ts', status, message: 'no such module', assertionResults }],
});
const report = (...statuses: string[]): TestReport => {
  const results = statuses.map((status, index) => ({ fullName: `test ${index}`, status }));
  return file(statuses.includes('failed') ? 'failed' : 'passed', ...results);
};

describe('judge', () => {
  it('counts what the runner reports', () => {
    const verdict = judge(report('passed', 'failed', 'passed'), { minimumTests: 2, allowedSkips: {} });
    expect(verdict).toEqual({ passed: 2, failed: 1, remarks: ['failed: test 1'] });
  });

  it.each(['skipped', 'pending', 'todo'])('fails for a %s test without a listed reason', (status) => {
    const verdict = judge(report('passed', status), { minimumTests: 1, allowedSkips: {} });
    expect(verdict).toMatchObject({ failed: 1, remarks: ['skipped without a listed reason: test 1'] });
  });

  it('lets a test be skipped for a listed reason, and prints it', () => {
    const verdict = judge(report('passed', 'skipped'), { minimumTests: 1, allowedSkips: { 'test 1': 'no IPv6 here' } });
    expect(verdict).toEqual({ passed: 1, failed: 0, remarks: ['skipped: test 1: no IPv6 here'] });
  });

  it('fails when fewer tests ran than expected', () => {
    expect(judge(report('passed'), { minimumTests: 2, allowedSkips: {} }).failed).toBe(1);
  });

  it('fails when the expected number is missing', () => {
    const expectations = JSON.parse('{"allowedSkips": {}}');
    expect(judge(report('passed'), expectations).failed).toBe(1);
  });

  it('takes no test for listed that is only named like a property of every object', () => {
    const skipped = file('passed', { fullName: 'toString', status: 'skipped' });
    expect(judge(skipped, { minimumTests: 0, allowedSkips: {} }).failed).toBe(1);
  });

  it('fails for a file that could not be loaded', () => {
    const verdict = judge(file('failed'), { minimumTests: 0, allowedSkips: {} });
    expect(verdict.remarks).toEqual(['failed to run: a.test.ts no such module']);
  });
});
