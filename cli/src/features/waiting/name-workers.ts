// Names the workers whose work a wait has waited for in vain.
import { AbortedError, TimedOutError } from '@konductor/client';
import type { Session } from '../../session/session.ts';
import { nameOutstanding, readOutstanding } from '../workers/outstanding.ts';

/** The wait has ended already: the names are worth only a short time. */
const TIMEOUT_MS = 2_000;

/** The error with the names in its message, where the caller can list them. */
export async function nameWorkers(error: TimedOutError, session: Session): Promise<TimedOutError> {
  const { lastStatus, isServerUnavailable } = error;
  if (!lastStatus?.workers?.active || isServerUnavailable) return error;
  const limits = { signal: session.callOptions.signal, timeoutMs: TIMEOUT_MS };
  try {
    const group = await session.client.get(error.group.name, limits);
    const outstanding = await readOutstanding(group, session, limits);
    if (outstanding.total === 0) return error;
    const message = `${error.message}; outstanding workers: ${nameOutstanding(outstanding)}`;
    return new TimedOutError(error.group, message, { isServerUnavailable, lastStatus, cause: error.cause });
  } catch (failure) {
    if (failure instanceof AbortedError) throw failure;
    return error;
  }
}
