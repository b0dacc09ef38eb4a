// The work that a run counts, for a worker or for none in particular.
import type { WaitGroupReference } from '@konductor/client';
import type { Timeout } from '../../arguments/values.ts';

/** The options of a run. */
export interface WorkOptions {
  readonly name: string;
  /** False if another process has added the work. */
  readonly isAddedHere: boolean;
  /** Whether the WaitGroup fails with the command. */
  readonly failsWithCommand: boolean;
  /** The time limit of `finish` and `fail`; absent: no limit. */
  readonly doneTimeout: Timeout | undefined;
}

/** The changes that a run makes; all methods reject with the client's errors. */
export interface Work {
  readonly group: WaitGroupReference;
  readonly failsWithCommand: boolean;
  /** Whether it fails with a command that cannot be run: another process counts on it. */
  readonly failsUnstarted: boolean;
  /** The shell command that marks the work done; safe to repeat. */
  readonly doneCommand: string;
  /** The shell command that gives up work that stays outstanding. */
  readonly abandonCommand: string;
  /** The shell command that reports the failure; safe to repeat. */
  failCommand(message: string): string;
  /** Before the command: counts the work, or checks that it can be marked done. */
  begin(signal: AbortSignal): Promise<void>;
  /** Undoes `begin` when the command was not run; absent: the work stays outstanding, because a retry finishes it. */
  undo?(timeoutMs: number): Promise<void>;
  /** Marks the work done. */
  finish(signal: AbortSignal): Promise<void>;
  /** Marks the work failed. */
  fail(message: string, signal: AbortSignal): Promise<void>;
  /** Records why the work stays outstanding, where that can be recorded. */
  keep?(message: string, signal: AbortSignal): Promise<void>;
}
