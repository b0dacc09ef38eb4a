// Finds the file of a command, as execvp(3) and shells do, before the counter changes.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { CommandError, NOTHING, notRunnableError } from './errors.ts';

/** A command that can be started. */
export interface Executable {
  readonly file: string;
  /** The name as it was given: some programs behave differently under different names. */
  readonly name: string;
  readonly args: readonly string[];
}

/** The PATH if the environment has none. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Throws CommandError when there is none, or none that can be executed. */
export function findExecutable(command: readonly string[], path = DEFAULT_PATH): Executable {
  const [name = '', ...args] = command;
  const attempts = candidates(name, path).map((file) => ({ file, problem: problemOf(file) }));
  const runnable = attempts.find(({ problem }) => problem === undefined);
  if (runnable) return { file: runnable.file, name, args };
  const present = attempts.find(({ problem }) => problem !== 'missing');
  if (present?.problem) throw notRunnableError(name, present.problem, { consequence: NOTHING });
  const place = name.includes('/') ? '' : ` in PATH (${path})`;
  throw new CommandError(EXIT_CODE.commandNotFound, `command "${name}" not found${place}`, { consequence: NOTHING });
}

function candidates(name: string, path: string): readonly string[] {
  if (name === '' || name.includes('/')) return [name];
  // An empty part is the working directory.
  return path.split(delimiter).map((folder) => (folder ? join(folder, name) : `./${name}`));
}

function problemOf(file: string): string | undefined {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) return stats.isDirectory() ? 'it is a directory' : 'it is not a regular file';
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return describe(error as NodeJS.ErrnoException);
  }
}

function describe({ code = '' }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'missing';
    case 'EACCES':
      return 'permission denied';
    default:
      return code;
  }
}
