// What can be learnt of a group before a command is run whose work somebody else has added: hours later, when its done is said,
// a missing group or right would come too late.
import {
  ForbiddenError,
  isTransient,
  TimedOutError,
  UnauthorizedError,
  WaitGroupNotFoundError,
} from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../arguments/invocation.ts';
import type { Session } from '../session/session.ts';

/** The work need not wait for an API server that is away: its done does. */
const LOOK_MS = 3_000;

export interface EarlyLook {
  readonly session: Session;
  readonly run: Run;
  readonly signal: AbortSignal;
}

/**
 * The uid of the group; undefined when the API server did not tell in time, of which it warns. Throws what would keep the
 * done from being said: WaitGroupNotFoundError, ForbiddenError, and what else the API server refuses for good.
 */
export async function lookEarly(name: string, { session, run, signal }: EarlyLook): Promise<string | undefined> {
  const { client, callOptions } = session;
  const timeoutMs = Math.min(LOOK_MS, callOptions.timeoutMs ?? LOOK_MS);
  const limits = { signal, timeoutMs, startedAt: performance.now() };
  try {
    const group = await client.get(name, limits);
    if (group.metadata.deletionTimestamp) throw deleted(group, client.namespace);
    await client.rehearse(group, limits).catch(throwWhatStays);
    return group.metadata.uid;
  } catch (error) {
    if (!(error instanceof TimedOutError || isTransient(error))) throw error;
    run.log.warn(
      `it is not known whether done can be said afterwards (${error.message}); the command is run all the same`,
    );
    return undefined;
  }
}

function deleted({ metadata: { name }, status }: WaitGroup, namespace: string): WaitGroupNotFoundError {
  return new WaitGroupNotFoundError({ namespace, name }, 'deleted', status);
}

/** Any other refusal may be of this moment only: a conflict, above all. */
function throwWhatStays(error: unknown): void {
  if (error instanceof ForbiddenError || error instanceof UnauthorizedError) throw error;
}
