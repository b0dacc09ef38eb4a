// What the verbs have in common: the arguments and flags that several take, and a session with the cluster around each.
import type { Command } from 'commander';
import type { Run } from './invocation.ts';
import type { Session } from './session.ts';
import { readSettings, type Settings, withSomeTime, withTimeLimit } from './settings.ts';
import type { Watching } from './watch/watch.ts';

/** The argument of verbs that act on one group. */
export const NAME = ['[name]', 'name of the WaitGroup (default: $KONDUCTOR_WAITGROUP)'] as const;
/** The argument of the verb that makes one; a name that is there already would not do. */
export const NEW_NAME = ['[new-name]', NAME[1]] as const;
/** The argument of verbs that act on several. */
export const NAMES = ['[names...]', 'names of WaitGroups (default: $KONDUCTOR_WAITGROUP)'] as const;
/** The flag of verbs that pick groups by their labels. */
export const SELECTOR = ['-l, --selector <labels>', 'those with these labels, such as app=x,tier!=y'] as const;
/** The flag of what looks at many. */
export const ALL_NAMESPACES = ['-A, --all-namespaces', 'those of all namespaces'] as const;
/** The flag of verbs that can go on showing. */
export const WATCH = ['-w, --watch', 'go on, and show each change until --timeout or Ctrl-C'] as const;
/** The flag of verbs that count. */
export const OPERATION_ID = [
  '--operation-id <id>',
  'counts once however often it is repeated, while it is among the last 16 changes',
] as const;

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
