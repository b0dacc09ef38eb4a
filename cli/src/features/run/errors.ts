// The errors of a run. They do not load the client, which a command that fails early does not need.
import { EXIT_CODE } from '../../process/exit-code.ts';
import { type ChildEnd, describeEnd, exitCodeOf } from './child-end.ts';

/** The command failed or could not be run; `code` is koncli's exit code. */
export abstract class CommandError extends Error {
  readonly code: number;
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The command does not exist; nothing was counted. */
export class CommandNotFoundError extends CommandError {
  override readonly name = 'CommandNotFoundError';
  /** `path`: the PATH that was searched. */
  constructor(name: string, path: string | undefined) {
    const place = path === undefined ? '' : ` in PATH (${path})`;
    super(EXIT_CODE.commandNotFound, `command "${name}" not found${place}; ${NOTHING}`);
  }
}

/** The command exists and cannot be run. */
export class CommandNotRunnableError extends CommandError {
  override readonly name = 'CommandNotRunnableError';
  /** `consequence`: the effect on the counter. */
  constructor(name: string, problem: string, consequence = NOTHING, options?: ErrorOptions) {
    super(EXIT_CODE.notExecutable, `command "${name}" cannot be executed: ${problem}; ${consequence}`, options);
  }
}

/** An argument is not UTF-8 and would reach the command changed. */
export class NotUtf8Error extends CommandError {
  override readonly name = 'NotUtf8Error';
  /** `position`: 0 for the command itself; `text`: the word as the runtime decodes it. */
  constructor(position: number, text: string) {
    const which = position === 0 ? 'the command' : `argument ${position} of the command`;
    super(EXIT_CODE.error, `${which} is not valid UTF-8 (${JSON.stringify(text)}) and would be changed; ${NOTHING}`);
  }
}

/** The command failed: its work stays outstanding. */
export class CommandFailedError extends CommandError {
  override readonly name = 'CommandFailedError';
  constructor(end: ChildEnd, consequence: string) {
    super(exitCodeOf(end), `the command ${describeEnd(end)}; ${consequence}`);
  }
}

/** The command succeeded, but its work is not marked done, or the outcome is unknown: `cause` says why. */
export class DoneFailedError extends Error {
  override readonly name = 'DoneFailedError';
  /** The shell command that marks the work done; it changes nothing if that has happened already. */
  readonly retryCommand: string;
  constructor(cause: unknown, retryCommand: string) {
    super('the command succeeded, but marking the work done failed', { cause });
    this.retryCommand = retryCommand;
  }
}

const NOTHING = 'nothing was run or counted';
