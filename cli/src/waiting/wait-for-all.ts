// Waits for several groups at once and says how they get on. It imports the client, so wait imports it when it runs.
import { TimedOutError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../arguments/invocation.ts';
import type { Session } from '../session/session.ts';
import { createProgress } from './progress.ts';

/** How each group is waited for. */
export interface WaitForAll {
  readonly session: Session;
  readonly run: Run;
  /** When the command began, by `performance.now()`: one limit is for the search for the groups and for the waits. */
  readonly startedAt: number;
  readonly minAdded: number | undefined;
  readonly appearTimeoutMs: number | undefined;
}

/**
 * Resolves with the groups in the order of their names. The first that cannot be done any more ends the wait for the
 * others; when time runs out, an AggregateError tells of each that is not done.
 */
export async function waitForAll(names: readonly string[], options: WaitForAll): Promise<readonly WaitGroup[]> {
  const { session, run, startedAt, minAdded, appearTimeoutMs } = options;
  const progress = createProgress(names, run);
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, run.signal]);
  const waitOptions = { ...session.callOptions, startedAt, signal, minAdded, appearTimeoutMs };
  const waits = names.map(async (name) => {
    const onProgress = (seen: WaitGroup | undefined) => progress.report(name, seen);
    const group = await session.client.wait(name, { ...waitOptions, onProgress });
    progress.report(name, group);
    return group;
  });
  try {
    return await Promise.all(waits);
  } catch (error) {
    throw error instanceof TimedOutError ? await allFailures(waits) : error;
  } finally {
    progress.end();
    end.abort();
  }
}

/** The limit is the same for all, so that the others end now as well. */
async function allFailures(waits: readonly Promise<unknown>[]): Promise<AggregateError> {
  const settled = await Promise.allSettled(waits);
  return new AggregateError(settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
}
