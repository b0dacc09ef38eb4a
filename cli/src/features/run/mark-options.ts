// The options of the call that marks the work of a command that has run.
import type { CountOptions } from '@konductor/client';
import type { Run } from '../../arguments/invocation.ts';
import type { Timeout } from '../../arguments/values.ts';
import { reportRetries } from '../../session/retry-report.ts';
import type { Session } from '../../session/session.ts';

/** The command has run: its work is given up only for what no retry can mend, even if no response ever came. */
export function markOptions({ transport }: Session, { log }: Run, timeout: Timeout | undefined): CountOptions {
  transport.assumeReachable();
  return { timeoutMs: timeout?.ms, onRetry: reportRetries(log, transport.connection.server, timeout) };
}
