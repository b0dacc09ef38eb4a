// Opens and closes the session with the cluster around a verb.
import type { Command } from 'commander';
import type { Run } from '../arguments/invocation.ts';
import { readSettings, type Settings, withSomeTime, withTimeLimit } from '../arguments/settings.ts';
import type { Session } from './session.ts';

type Work<T> = (session: Session) => Promise<T>;

/** Runs `work` in a session with a time limit. */
export function onCluster(run: Run, command: Command, work: Work<void>): Promise<void> {
  return withSession(run, withTimeLimit(readSettings(command, run.env), command), work);
}

/** Runs `work` in a session without a default time limit. */
export function onClusterWatching(
  run: Run,
  command: Command,
  work: (context: SessionContext) => Promise<void>,
): Promise<void> {
  const settings = withSomeTime(readSettings(command, run.env), command);
  return withSession(run, settings, (session) => work({ session, run, settings }));
}

/** Runs `work` in a session with these settings. */
export async function withSession<T>(run: Run, settings: Settings, work: Work<T>): Promise<T> {
  // It loads the client, which takes most of koncli's start-up time.
  const { Session } = await import('./session.ts');
  const session = await Session.open(run, settings);
  try {
    return await work(session);
  } catch (error) {
    const { explain } = await import('./explain.ts');
    throw await explain(error, session);
  } finally {
    session.close();
  }
}

/** Calls `attempt` for each name. A failure does not stop the others; `throwFailures` throws an AggregateError of all. */
export async function tryEach<T>(names: readonly string[], attempt: (name: string) => Promise<T>) {
  const settled = await Promise.allSettled(names.map(attempt));
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  return {
    results: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    throwFailures: () => {
      if (failures.length > 0) throw new AggregateError(failures);
    },
  };
}

/** The session of a watch, with its run and settings. */
export interface SessionContext {
  readonly session: Session;
  readonly run: Run;
  readonly settings: Settings;
}
