// The command to run: anything wrong with it is found before the counter changes.
import type { Run } from '../../arguments/invocation.ts';
import { inheritedDescriptors } from './descriptors.ts';
import { CommandError } from './errors.ts';
import { type Executable, findExecutable } from './executable.ts';
import { requireUtf8 } from './utf8.ts';

/** The command, and the descriptors that it inherits beyond stdin, stdout and stderr. */
export interface Command {
  readonly executable: Executable;
  readonly descriptors: readonly number[];
}

/** Returns what is wrong with a command that cannot be run. Must be called before koncli opens a descriptor of its own. */
export function readCommand(words: readonly string[], { env }: Run): Command | CommandError {
  try {
    const descriptors = inheritedDescriptors();
    requireUtf8(words);
    return { executable: findExecutable(words, env.PATH), descriptors };
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
}
