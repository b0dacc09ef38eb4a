// Checks the WaitGroup before a command whose work another process has added: a missing WaitGroup or permission should not
// show only hours later, when the work is marked done.
import {
  type CallOptions,
  ForbiddenError,
  isTransient,
  TimedOutError,
  UnauthorizedError,
  WaitGroupNotFoundError,
} from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import type { Session } from '../../session/session.ts';

/** The command need not wait for an unavailable API server: marking its work done does. */
const PREFLIGHT_MS = 3_000;

/**
 * Returns the uid of the WaitGroup; warns and returns undefined when the API server does not respond in time. Throws what would
 * prevent marking the work done: WaitGroupNotFoundError, ForbiddenError and other permanent errors.
 */
export async function checkBeforeRun(
  name: string,
  { session, run, signal }: { readonly session: Session; readonly run: Run; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { client, callOptions } = session;
  const limits = { signal, timeoutMs: preflightMs(callOptions), startedAt: performance.now() };
  try {
    const group = await client.get(name, limits);
    if (group.metadata.deletionTimestamp) throw deleted(group, client.namespace);
    await client.rehearse(group, limits).catch(throwPermanent);
    return group.metadata.uid;
  } catch (error) {
    if (!(error instanceof TimedOutError || isTransient(error))) throw error;
    run.log.warn(`cannot check whether the work can be marked done (${error.message}); running the command anyway`);
    return undefined;
  }
}

function deleted({ metadata: { name }, status }: WaitGroup, namespace: string): WaitGroupNotFoundError {
  return new WaitGroupNotFoundError({ namespace, name }, 'deleted', status);
}

/** The time limit of a check before the command. */
export function preflightMs({ timeoutMs = PREFLIGHT_MS }: CallOptions): number {
  return Math.min(PREFLIGHT_MS, timeoutMs);
}

/** Any other error may be temporary, such as a conflict. */
function throwPermanent(error: unknown): void {
  if (error instanceof ForbiddenError || error instanceof UnauthorizedError) throw error;
}
