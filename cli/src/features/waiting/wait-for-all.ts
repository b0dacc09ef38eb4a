// Waits for several WaitGroups at once and shows their progress. It imports the client, so wait imports it when it runs.
import { TimedOutError } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import type { Run } from '../../arguments/invocation.ts';
import { isNamespaceMissing } from '../../session/explain.ts';
import type { Session } from '../../session/session.ts';
import { nameWorkers } from './name-workers.ts';
import { createProgress } from './progress.ts';

/** The options of each wait. */
export interface WaitForAll {
  readonly session: Session;
  readonly run: Run;
  /** The start of the command by `performance.now()`: selection and waits share one time limit. */
  readonly startedAt: number;
  readonly minAdded: number | undefined;
  readonly appearTimeoutMs: number | undefined;
  readonly ignoreFailure: boolean | undefined;
}

/**
 * Resolves with the WaitGroups in the order of their names. The first that has failed or can no longer complete ends all
 * waits. On timeout, throws an AggregateError with one error for each that is not done.
 */
export async function waitForAll(names: readonly string[], options: WaitForAll): Promise<readonly WaitGroup[]> {
  const { session, run, startedAt, minAdded, appearTimeoutMs, ignoreFailure } = options;
  const progress = createProgress(names, run);
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, run.signal]);
  const waitOptions = { ...session.callOptions, startedAt, signal, minAdded, appearTimeoutMs, ignoreFailure };
  let isNamespaceChecked = false;
  const waits = names.map(async (name) => {
    const onProgress = (group: WaitGroup | undefined) => {
      progress.report(name, group);
      if (!group && !isNamespaceChecked) void warnOfMissingNamespace(session, run);
      isNamespaceChecked = true;
    };
    const group = await session.client.wait(name, { ...waitOptions, onProgress }).catch(async (error) => {
      throw error instanceof TimedOutError ? await nameWorkers(error, session) : error;
    });
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

/** Somebody may create it, too, but more likely its name is mistyped. */
async function warnOfMissingNamespace(session: Session, { log }: Run): Promise<void> {
  if (await isNamespaceMissing(session)) log.warn(`namespace "${session.client.namespace}" not found; still waiting`);
}

/** All have the same time limit, so the others end now, too. The first error decides the exit code: a failure, if there is one. */
async function allFailures(waits: readonly Promise<unknown>[]): Promise<AggregateError> {
  const settled = await Promise.allSettled(waits);
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  return new AggregateError(failures.sort(byFinality));
}

function byFinality(one: unknown, other: unknown): number {
  return Number(one instanceof TimedOutError) - Number(other instanceof TimedOutError);
}
