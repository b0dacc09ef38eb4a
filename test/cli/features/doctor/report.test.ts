import { describe, expect, it } from 'vitest';
import type { Check } from '../../../../cli/src/features/doctor/check.ts';
import { formatChecks, throwFailedChecks } from '../../../../cli/src/features/doctor/report.ts';

const CHECKS: readonly Check[] = [
  { name: 'API server', outcome: 'ok', message: 'answers' },
  { name: 'CRD', outcome: 'failure', message: 'missing', advice: 'install it', code: 2 },
  { name: 'read', outcome: 'failure', message: 'no', code: 4 },
  { name: 'clock', outcome: 'warning', message: 'behind' },
];

describe('formatChecks', () => {
  it('prints a line for each check, in columns', () => {
    expect(formatChecks(CHECKS, 'koncli')).toEqual([
      'ok        API server   answers',
      'failure   CRD          missing: install it',
      'failure   read         no',
      'warning   clock        behind',
    ]);
  });
});

describe('throwFailedChecks', () => {
  it('throws the exit code of the first failure and the names of all', () => {
    expect(() => throwFailedChecks(CHECKS)).toThrow(
      expect.objectContaining({ code: 2, message: 'failed checks: CRD, read' }),
    );
  });

  it('accepts warnings', () => {
    expect(() => throwFailedChecks(CHECKS.filter(({ outcome }) => outcome !== 'failure'))).not.toThrow();
  });
});
