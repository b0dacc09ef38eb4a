// What the verbs have in common: the arguments and flags that several take, and a session with the cluster around each.
import type { Command } from 'commander';
import type { Run } from '../arguments/invocation.ts';
import { readSettings, type Settings, withSomeTime, withTimeLimit } from '../arguments/settings.ts';
import type { Session } from './session.ts';

type Work = (session: Session) => Promise<void>;

/** Calls `work` with a session that has a time limit, and closes it. */
export function onCluster(run: Run, command: Command, work: Work): Promise<void> {
  return withSession(run, withTimeLimit(readSettings(command, run.env), command), work);
}

/** Calls `work` with a session that goes on until it is stopped, or the time is over that it was given; and closes it. */
export function onClusterWatching(
  run: Run,
  command: Command,
  work: (watching: Watching) => Promise<void>,
): Promise<void> {
  const settings = withSomeTime(readSettings(command, run.env), command);
  return withSession(run, settings, (session) => work({ session, run, settings }));
}

/** Calls `work` with a session of these settings, and closes it. */
export async function withSession(run: Run, settings: Settings, work: Work): Promise<void> {
  // The client takes most of koncli's start-up time: what asks the cluster nothing does without.
  const { Session } = await import('./session.ts');
  const session = await Session.open(run, settings);
  try {
    await work(session);
  } finally {
    session.close();
  }
}

/** What became of one call for each of several names. */
export interface Attempts<T> {
  /** Of the calls that succeeded, in order. */
  readonly results: readonly T[];
  /** Throws an AggregateError of what the others failed with, if any did. */
  throwFailures(): void;
}

/** Calls `attempt` for each; one that fails does not stop the others. */
export async function tryEach<T>(
  names: readonly string[],
  attempt: (name: string) => Promise<T>,
): Promise<Attempts<T>> {
  const settled = await Promise.allSettled(names.map(attempt));
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  return {
    results: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    throwFailures: () => {
      if (failures.length > 0) throw new AggregateError(failures);
    },
  };
}

/** What a watch is made with. */
export interface Watching {
  readonly session: Session;
  readonly run: Run;
  readonly settings: Settings;
}
