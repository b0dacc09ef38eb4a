// What the end of a command means for the count: its work is marked done, marked failed, or stays outstanding.
import type { Run } from '../../arguments/invocation.ts';
import { type ChildEnd, describeEnd, exitCodeOf } from './child-end.ts';
import type { Command } from './command.ts';
import { delayedSignal } from './delayed-signal.ts';
import { CommandError, MarkingFailedError } from './errors.ts';
import type { SignalRouter } from './signal-router.ts';
import type { Work } from './work.ts';

/** The work of a run, and what marking it needs. */
export interface Marking {
  readonly work: Work;
  readonly run: Run;
  readonly signals: SignalRouter;
}

/** Resolves when the work of a command that has succeeded is marked done. */
export async function markDone({ work, run, signals }: Marking): Promise<void> {
  signals.finish('the command succeeded, still marking its work done');
  try {
    await work.finish(delayedSignal(run.signal));
  } catch (cause) {
    const message = 'the command succeeded, but marking the work done failed';
    throw new MarkingFailedError(message, { cause, retryCommand: work.doneCommand });
  }
}

/** Returns the error for a command that has failed, after marking its work failed if that is wanted. */
export async function markFailed(end: ChildEnd, { executable }: Command, marking: Marking): Promise<Error> {
  const { work, signals } = marking;
  const code = exitCodeOf(end);
  const problem = `the command ${describeEnd(end)}`;
  const consequence = stayOutstanding(work);
  const message = `command "${executable.name}" ${describeEnd(end)}`;
  // An eviction, a drain or Ctrl-C is not a failure of the work: it can be started again.
  const stop = work.failsWithCommand && signals.wasAskedToStop ? ' after a signal to stop' : '';
  if (work.failsWithCommand && !stop) return fail({ code, problem, message }, marking);
  signals.finish('the command failed, still recording it');
  await work.keep?.(message, delayedSignal(marking.run.signal));
  return new CommandError(code, problem + stop, { consequence });
}

/** The same for a command that could not be run. */
export function markUnstarted({ code, problem }: CommandError, marking: Marking): Promise<Error> {
  return fail({ code, problem, message: problem }, marking);
}

interface CommandFailure {
  readonly code: number;
  readonly problem: string;
  /** For the WaitGroup. */
  readonly message: string;
}

async function fail({ code, problem, message }: CommandFailure, { work, run, signals }: Marking): Promise<Error> {
  signals.finish('the command failed, still marking its work failed');
  try {
    await work.fail(message, delayedSignal(run.signal));
    const consequence = `its work is marked failed in waitgroup "${work.group.name}"`;
    return new CommandError(code, problem, { consequence });
  } catch (cause) {
    const outcome = `${problem}, but its work could not be marked failed`;
    return new MarkingFailedError(outcome, { cause, retryCommand: work.failCommand(message), code });
  }
}

/** The consequence for the work of a command that did not succeed. */
export function stayOutstanding({ group, abandonCommand }: Work): string {
  return `the work stays outstanding in waitgroup "${group.name}" so that a retry can finish it; to abandon it: ${abandonCommand}`;
}
