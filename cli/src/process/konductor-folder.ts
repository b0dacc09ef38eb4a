// The /konductor directory of koncli's image, and how it is copied: koncli, and its libc beside it in lib/.
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CopyError } from '../errors.ts';

const LIBRARIES = 'lib';

/** Copies the directory of `executable` to `directory`. Existing files are replaced atomically, koncli last. */
export async function copyFolder(executable: string, directory: string): Promise<void> {
  const folder = dirname(executable);
  const libraries = await librariesOf(folder);
  await rejectLink(join(directory, LIBRARIES));
  try {
    await copyFiles(folder, directory, [...libraries, basename(executable)]);
  } catch (error) {
    const problem = `cannot copy ${folder} to ${directory}: ${(error as Error).message}`;
    throw new CopyError(`${problem}: make sure that it is writable and has enough space`, { cause: error });
  }
}

async function librariesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, LIBRARIES)).catch(() => []);
  const isOne = basename(folder) === 'konductor' && names.some((name) => name.startsWith('ld-linux-'));
  const advice = 'run koncli from that image, which npm run images builds';
  if (!isOne) throw new CopyError(`${folder} is not the /konductor directory of the koncli image: ${advice}`);
  return names.map((name) => join(LIBRARIES, name));
}

/** The directory may be a volume that another container writes: a link would lead out of it. */
async function rejectLink(path: string): Promise<void> {
  const isLink = await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
  if (isLink) throw new CopyError(`${path} is a symbolic link, which koncli does not follow: remove it`);
}

/** Stages all files on the target's file system before it replaces the first. */
async function copyFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  await mkdir(join(to, LIBRARIES), { recursive: true });
  // Whatever the umask is: other users run koncli.
  await chmod(join(to, LIBRARIES), 0o755);
  const staging = await mkdtemp(join(to, '.koncli-'));
  try {
    await mkdir(join(staging, LIBRARIES));
    for (const file of files) await copyWithMode(join(from, file), join(staging, file));
    for (const file of files) await rename(join(staging, file), join(to, file));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function copyWithMode(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, (await stat(from)).mode);
}
