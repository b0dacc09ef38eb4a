// The output of koncli doctor, and its exit code.
import { asCalledBy } from '../../arguments/program-name.ts';
import { ChecksFailedError } from '../../errors.ts';
import { align } from '../../output/table.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import type { Check } from './check.ts';

/** Formats one line for each check: outcome, name, message and advice. */
export function formatChecks(checks: readonly Check[], program: string): readonly string[] {
  return align(
    checks.map(({ outcome, name, message, advice }) => [
      outcome,
      name,
      asCalledBy(program, advice ? `${message}: ${advice}` : message),
    ]),
  );
}

/** The data for JSON and YAML. */
export function documentOf(checks: readonly Check[], program: string): object {
  const complete = (text: string) => asCalledBy(program, text);
  return {
    checks: checks.map(({ name, outcome, message, advice }) => ({
      name,
      outcome,
      message: complete(message),
      ...(advice && { advice: complete(advice) }),
    })),
  };
}

/** Throws ChecksFailedError with the exit code of the first failure, if there is one. */
export function throwFailedChecks(checks: readonly Check[]): void {
  const failed = checks.filter(({ outcome }) => outcome === 'failure');
  if (failed.length === 0) return;
  throw new ChecksFailedError(
    failed.map(({ name }) => name),
    failed[0]?.code ?? EXIT_CODE.error,
  );
}
