// The project's cache on this machine, and whether a folder contains the executables.
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME ?? homedir(), '.cache'), 'konductor');
}

export async function missingFrom(directory: string, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => isExecutable(join(directory, name))));
  return names.filter((_, index) => !found[index]);
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
