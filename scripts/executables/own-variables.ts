// Makes an executable ignore the variables that configure the Bun runtime in it: they are set for other programs, such as the
// Bun application of the image that koncli is mounted into: docs/decisions/0039.
import { isElf } from './elf.ts';

/** Names, or the beginnings of names: each can run other code, stop the process, or change what it prints. */
const RUNTIME_VARIABLES = ['BUN_OPTIONS', 'BUN_BE_BUN', 'BUN_INSPECT'];

/** Kubernetes and shells accept no variable whose name contains it. */
const UNUSABLE = 1;

/** Changes `executable` in place and moves nothing. macOS would reject a changed executable: its signature covers the names. */
export function ignoreRuntimeVariables(executable: Buffer): void {
  if (!isElf(executable)) return;
  for (const name of RUNTIME_VARIABLES)
    if (disable(executable, name) === 0) throw new Error(`Bun has no variable ${name} any more: docs/decisions/0039`);
}

function disable(executable: Buffer, name: string): number {
  let count = 0;
  for (let at = executable.indexOf(name); at >= 0; at = executable.indexOf(name, at + name.length)) {
    executable[at] = UNUSABLE;
    count++;
  }
  return count;
}
