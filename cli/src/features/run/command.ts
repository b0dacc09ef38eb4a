// The command to run: anything wrong with it is found before the counter changes.
import type { Run } from '../../arguments/invocation.ts';
import { inheritedDescriptors } from './descriptors.ts';
import { type Executable, findExecutable } from './executable.ts';
import { requireUtf8 } from './utf8.ts';

/** The command, and the descriptors that it inherits beyond stdin, stdout and stderr. */
export interface Command {
  readonly executable: Executable;
  readonly descriptors: readonly number[];
}

/** Throws CommandError. Must be called before koncli opens a descriptor of its own. */
export function readCommand(words: readonly string[], { env }: Run): Command {
  const descriptors = inheritedDescriptors();
  requireUtf8(words);
  return { executable: findExecutable(words, env.PATH), descriptors };
}
