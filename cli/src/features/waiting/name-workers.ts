// Names the workers whose work a wait has waited for in vain.
import { AbortedError, TimedOutError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Session } from '../../session/session.ts';
import { nameOutstanding, readOutstanding } from '../workers/outstanding.ts';

/** The wait has ended already: the names are worth only a short time. */
const TIMEOUT_MS = 2_000;

/** The error with the names in its message, where the caller can list them. */
export async function nameWorkers(
  error: TimedOutError,
  group: WaitGroup | undefined,
  session: Session,
): Promise<TimedOutError> {
  const { lastStatus, isServerUnavailable } = error;
  if (!group || !lastStatus?.workers?.active || isServerUnavailable) return error;
  try {
    const outstanding = await readOutstanding(group, session, { timeoutMs: TIMEOUT_MS });
    if (outstanding.total === 0) return error;
    const message = `${error.message}; outstanding workers: ${nameOutstanding(outstanding)}`;
    return new TimedOutError(error.group, message, { isServerUnavailable, lastStatus, cause: error.cause });
  } catch (failure) {
    if (failure instanceof AbortedError) throw failure;
    return error;
  }
}
