// The course of a run: add, run the command, and leave to marking.ts what its end means for the count.
import { AbortedError, NotYetCountedError, TimedOutError, UnknownOutcomeError } from '@konductor/client';
import type { Run } from '../../arguments/invocation.ts';
import { type Child, startChild } from './child.ts';
import { type ChildEnd, exitCodeOf } from './child-end.ts';
import type { Command } from './command.ts';
import { delayedSignal } from './delayed-signal.ts';
import { CommandError, NotRunError, notRunnableError } from './errors.ts';
import { isInForeground } from './foreground.ts';
import { type Marking, markDone, markFailed, markUnstarted, stayOutstanding } from './marking.ts';
import { openReaper } from './reaper.ts';
import { SignalRouter } from './signal-router.ts';
import type { Work } from './work.ts';

/** After a signal. */
const UNDO_MS = 200;
/** Without one. */
const UNHURRIED_UNDO_MS = 30_000;

/** Resolves when the command has succeeded and its work is marked done; throws otherwise. */
export async function runCounted(command: Command | CommandError, work: Work, run: Run): Promise<void> {
  const signals = new SignalRouter(run, isInForeground);
  const marking = { work, run, signals };
  await begin(work, run);
  if (command instanceof CommandError) throw await markUnstarted(command, marking);
  const child = await startOrUndo(command, marking);
  signals.forwardTo(child);
  const end = await endOf(child, run);
  if (exitCodeOf(end) === 0) return markDone(marking);
  throw await markFailed(end, command, marking);
}

/** When a signal arrives meanwhile, undoes the add if it can be undone, and runs nothing. */
async function begin(work: Work, { signal }: Run): Promise<void> {
  if (signal.aborted) throw new AbortedError('aborted; nothing was changed');
  await work.begin(delayedSignal(signal)).catch(throwAsNotRun);
  if (!signal.aborted) return;
  await undo(work, UNDO_MS, (outcome) => new AbortedError(`aborted; nothing was run, ${outcome}`));
}

/** Their exit codes may be those of the command, too. */
function throwAsNotRun(cause: unknown): never {
  const isTimeout = [NotYetCountedError, TimedOutError, UnknownOutcomeError].some((type) => cause instanceof type);
  throw isTimeout ? new NotRunError('the command was not run', { cause }) : cause;
}

async function startOrUndo({ executable, descriptors }: Command, marking: Marking): Promise<Child> {
  const { work, run } = marking;
  try {
    return await startChild(executable, run.env, descriptors);
  } catch (cause) {
    const problem = describeSpawnError(cause);
    const errorWith = (consequence: string) => notRunnableError(executable.name, problem, { consequence, cause });
    if (work.failsUnstarted) throw await markUnstarted(errorWith(''), marking);
    await work.keep?.(problem, run.signal);
    return undo(work, UNHURRIED_UNDO_MS, errorWith);
  }
}

/** Throws the error, with the effect on the counter in its message. */
async function undo(work: Work, timeoutMs: number, errorWith: (outcome: string) => Error): Promise<never> {
  if (!work.undo) throw errorWith(`and ${stayOutstanding(work)}`);
  try {
    await work.undo(timeoutMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw errorWith(`and the add could not be undone (${reason}): undo it with ${work.doneCommand}`);
  }
  throw errorWith('and the counter is unchanged');
}

function describeSpawnError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'its interpreter or loader is missing';
    case 'ENOEXEC':
      return 'it is neither an executable for this machine nor a script with #!';
    default:
      return message;
  }
}

async function endOf(child: Child, run: Run): Promise<ChildEnd> {
  const stopReaping = run.pid === 1 ? await reapBeside(child, run) : () => {};
  const end = await child.ended;
  // Credential plugins are children, too, and the runtime waits for them.
  stopReaping();
  return end;
}

/** Returns a function that stops it. */
async function reapBeside(child: Child, { signals, log }: Run): Promise<() => void> {
  let isOver = false;
  try {
    const reap = await openReaper();
    const reapOthers = () => !isOver && reap?.(child.pid);
    signals.onChildEnd(reapOthers);
    reapOthers();
  } catch (error) {
    log.warn(
      `cannot reap orphans of the command; they remain zombies until koncli exits: ${error instanceof Error ? error.message : error}`,
    );
  }
  return () => {
    isOver = true;
  };
}
