// The course of a run: count, run the command, count again. Everything that happens to it in between is in its neighbours.
import { AbortedError } from '@konductor/client';
import type { Run } from '../arguments/invocation.ts';
import { type Child, startChild } from './child.ts';
import type { ChildEnd } from './child-end.ts';
import { exitCodeOf } from './child-end.ts';
import type { Command } from './command.ts';
import { CommandFailedError, CommandNotRunnableError, DoneFailedError } from './errors.ts';
import { isInForeground } from './foreground.ts';
import { openReaper } from './reaper.ts';
import { SignalRouter } from './signal-router.ts';
import type { Work } from './work.ts';

/** A change that is on its way when a signal comes gets this long to be answered, within koncli's last half second. */
const LAST_ANSWER_MS = 250;
const TAKE_BACK_MS = 200;
/** Without a signal there is more time. */
const UNHURRIED_TAKE_BACK_MS = 30_000;

/** Resolves when the command has succeeded and its work is counted as done; else throws what koncli ends with. */
export async function runCounted(command: Command, work: Work, run: Run): Promise<void> {
  const signals = new SignalRouter(run, isInForeground);
  await begin(work, run);
  const child = await startOrTakeBack(command, work, run);
  signals.forwardTo(child);
  const end = await endOf(child, run);
  signals.finish();
  if (exitCodeOf(end) !== 0) throw new CommandFailedError(end, consequence(work));
  await finish(work, run);
}

/** When a signal comes meanwhile, nothing is run: what was counted is taken back. */
async function begin(work: Work, { signal }: Run): Promise<void> {
  if (signal.aborted) throw new AbortedError('aborted; nothing was changed');
  await work.begin(afterwards(signal, LAST_ANSWER_MS));
  if (!signal.aborted) return;
  await takeBack(work, TAKE_BACK_MS, (outcome) => new AbortedError(`aborted; nothing was run, ${outcome}`));
}

async function startOrTakeBack({ executable, descriptors }: Command, work: Work, { env }: Run): Promise<Child> {
  try {
    return await startChild(executable, { env, descriptors });
  } catch (error) {
    const problem = describeSpawnError(error);
    return takeBack(
      work,
      UNHURRIED_TAKE_BACK_MS,
      (outcome) => new CommandNotRunnableError(executable.name, problem, outcome, { cause: error }),
    );
  }
}

/** Throws the error that is made of what became of the count. */
async function takeBack(work: Work, timeoutMs: number, errorWith: (outcome: string) => Error): Promise<never> {
  try {
    await work.takeBack(timeoutMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw errorWith(`and its add could not be taken back (${reason}): do it with ${work.doneByHand}`);
  }
  throw errorWith('and the counter is as it was');
}

function describeSpawnError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'the interpreter or loader that it names is missing';
    case 'ENOEXEC':
      return 'it is neither an executable for this machine nor a script that begins with #!';
    default:
      return message;
  }
}

async function endOf(child: Child, run: Run): Promise<ChildEnd> {
  const stopReaping = run.pid === 1 ? await reapBeside(child, run) : () => {};
  const end = await child.ended;
  // Credential plugins are children too, which the runtime waits for itself.
  stopReaping();
  return end;
}

/** Returns what ends it. */
async function reapBeside(child: Child, { signals, log }: Run): Promise<() => void> {
  let isOver = false;
  try {
    const reap = await openReaper();
    const reapOthers = () => !isOver && reap?.(child.pid);
    signals.onChildEnd(reapOthers);
    reapOthers();
  } catch (error) {
    log.warn(`orphans of the command stay zombies until it ends: ${error instanceof Error ? error.message : error}`);
  }
  return () => {
    isOver = true;
  };
}

function consequence({ group, doneByHand }: Work): string {
  return `nothing is said done: its work stays counted in waitgroup "${group.name}", for whoever tries again; to give it up: ${doneByHand}`;
}

async function finish(work: Work, { signal }: Run): Promise<void> {
  try {
    await work.finish(afterwards(signal, LAST_ANSWER_MS));
  } catch (error) {
    throw new DoneFailedError(error, work.doneByHand);
  }
}

/** Fires this long after `signal` does. */
function afterwards(signal: AbortSignal, delayMs: number): AbortSignal {
  const controller = new AbortController();
  const abort = () => setTimeout(() => controller.abort(signal.reason), delayMs);
  signal.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
