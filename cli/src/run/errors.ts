// How a run ends badly. Separate from the client's errors: what needs no cluster must not load them.
import { EXIT_CODE } from '../process/exit-code.ts';
import { type ChildEnd, describeEnd, exitCodeOf } from './child-end.ts';

/** The command was run, or could not be; `code` is what koncli ends with. */
export abstract class CommandError extends Error {
  readonly code: number;
  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** There is no such command; nothing was counted. */
export class CommandNotFoundError extends CommandError {
  override readonly name = 'CommandNotFoundError';
  /** `path`: where it was looked for. */
  constructor(name: string, path: string | undefined) {
    const place = path === undefined ? '' : ` in PATH (${path})`;
    super(EXIT_CODE.commandNotFound, `the command "${name}" was not found${place}; ${NOTHING}`);
  }
}

/** The command is there and cannot be run. */
export class CommandNotRunnableError extends CommandError {
  override readonly name = 'CommandNotRunnableError';
  /** `consequence`: what became of the count. */
  constructor(name: string, problem: string, consequence = NOTHING, options?: ErrorOptions) {
    super(EXIT_CODE.notExecutable, `the command "${name}" cannot be executed: ${problem}; ${consequence}`, options);
  }
}

/** A word of the command is no text, and would reach it changed. */
export class NotUtf8Error extends CommandError {
  override readonly name = 'NotUtf8Error';
  /** `position`: of the word, from 0 for the command itself; `text`: what the runtime makes of it. */
  constructor(position: number, text: string) {
    const which = position === 0 ? 'the command' : `argument ${position} of the command`;
    super(EXIT_CODE.error, `${which} is not valid UTF-8 (${JSON.stringify(text)}) and would be changed; ${NOTHING}`);
  }
}

/** The command failed: its work is not done. */
export class CommandFailedError extends CommandError {
  override readonly name = 'CommandFailedError';
  constructor(end: ChildEnd, consequence: string) {
    super(exitCodeOf(end), `the command ${describeEnd(end)}; ${consequence}`);
  }
}

/** The command succeeded, and its done is not counted, or that is not known: `cause` says why. */
export class DoneFailedError extends Error {
  override readonly name = 'DoneFailedError';
  /** The command that says done in koncli's place, harmless if it was counted after all. */
  readonly byHand: string;
  constructor(cause: unknown, byHand: string) {
    super('the command succeeded, but saying done did not', { cause });
    this.byHand = byHand;
  }
}

const NOTHING = 'nothing was run, and nothing was counted';
