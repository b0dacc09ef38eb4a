// What is run, as koncli was told: all that can be wrong with it is found before anything is counted.
import type { Run } from '../arguments/invocation.ts';
import { inheritedDescriptors } from './descriptors.ts';
import { type Executable, findExecutable } from './executable.ts';
import { requireUtf8 } from './utf8.ts';

/** What is run, and the descriptors that it is given beside stdin, stdout and stderr. */
export interface Command {
  readonly executable: Executable;
  readonly descriptors: readonly number[];
}

/** Throws CommandError. To be called before koncli opens any descriptor of its own. */
export function readCommand(words: readonly string[], { env }: Run): Command {
  const descriptors = inheritedDescriptors();
  requireUtf8(words);
  return { executable: findExecutable(words, env.PATH), descriptors };
}
