// What is said of groups that are left out of a list because they cannot be read.
import type { OnUnreadable } from '@konductor/client';
import type { Run } from '../arguments/invocation.ts';
import { subject } from '../output/output.ts';
import { describeFailure } from './failure.ts';

/** One warning for each. */
export function warnOfUnreadable(run: Run): OnUnreadable {
  return (error, { namespace, name }) =>
    run.log.warn(`${subject(name)} in namespace "${namespace}" is left out: ${describeFailure(error, run).line}`);
}
