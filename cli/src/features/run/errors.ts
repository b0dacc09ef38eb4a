// The errors of a run. They do not load the client, which a command that fails early does not need.
import { EXIT_CODE } from '../../process/exit-code.ts';

/** The consequence of an error before the add. */
export const NOTHING = 'nothing was run or counted';

/** `consequence`: the effect on the count. */
type CommandErrorOptions = ErrorOptions & { readonly consequence: string };

/** The command failed or could not be run; `code` is koncli's exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  /** What is wrong with the command; the message adds the consequence. */
  readonly problem: string;
  constructor(code: number, problem: string, { consequence, ...options }: CommandErrorOptions) {
    super(`${problem}; ${consequence}`, options);
    this.code = code;
    this.problem = problem;
  }
}

/** The command exists and cannot be run. */
export function notRunnableError(name: string, problem: string, options: CommandErrorOptions): CommandError {
  return new CommandError(EXIT_CODE.notExecutable, `command "${name}" cannot be executed: ${problem}`, options);
}

/** The work could not be counted before a time limit, so that the command was not run: `cause` says why. */
export class NotRunError extends Error {
  override readonly name = 'NotRunError';
}

/** The command has ended, but its work is not marked done or failed, or the outcome is unknown: `cause` says why. */
export class MarkingFailedError extends Error {
  override readonly name = 'MarkingFailedError';
  /** The shell command that marks the work; it changes nothing if that has happened already. */
  readonly retryCommand: string;
  /** The exit code of a command that failed; undefined if it succeeded. */
  readonly code: number | undefined;
  constructor(
    message: string,
    options: { readonly cause: unknown; readonly retryCommand: string; readonly code?: number },
  ) {
    super(message, { cause: options.cause });
    this.retryCommand = options.retryCommand;
    this.code = options.code;
  }
}
