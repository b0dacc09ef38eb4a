// The warnings for WaitGroups that a list skips because they cannot be read.
import type { OnUnreadable } from '@konductor/client';
import type { Run } from '../arguments/invocation.ts';
import { subject } from '../output/output.ts';
import { describeFailure } from './failure.ts';

/** Logs one warning for each. */
export function warnOfUnreadable(run: Run): OnUnreadable {
  return (error, { namespace, name }) =>
    run.log.warn(`skipping ${subject(name)} in namespace "${namespace}": ${describeFailure(error, run).line}`);
}
